import { jsonReply } from '../gateway/reply.ts'
import type { operations } from '../model/generated/orders-v1.ts'
import type { Operation } from './operation-deps.ts'
import { findOrder } from './order-access.ts'
import { orderBody } from './order-body.ts'
import { paramsOf } from './typed-input.ts'

/** `GET /orders/v1/orders/{id}` */
export const getOrder: Operation = deps => async exchange => {
  const { id } = paramsOf<operations['getOrder']>(exchange)
  const { read } = deps.store
  const order = await findOrder(read, exchange, id)
  return jsonReply(200, orderBody(order, await read.postings.ofOrder(id)))
}
