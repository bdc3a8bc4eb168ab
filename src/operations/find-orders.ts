import { jsonReply } from '../gateway/reply.ts'
import type { operations } from '../model/generated/orders-v1.ts'
import type { Operation } from './operation-deps.ts'
import { ordersOf } from './order-access.ts'
import { orderBody } from './order-body.ts'
import { queryOf } from './typed-input.ts'

/** `GET /orders/v1/orders?channel=…&ref=…` */
export const findOrders: Operation = deps => async exchange => {
  const { channel, ref } = queryOf<operations['findOrders']>(exchange)
  const { read } = deps.store
  const [found, owner] = [await read.orders.findByChannel(channel, ref), ordersOf(exchange)]
  const visible = found && (owner === undefined || found.consumer === owner) ? [found] : []
  const data = await Promise.all(
    visible.map(async order => orderBody(order, await read.postings.ofOrder(order.id))),
  )
  return jsonReply(200, { data })
}
