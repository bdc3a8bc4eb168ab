import { cancelOrder as cancel } from '../domain/orders/cancel-order.ts'
import { jsonReply } from '../gateway/reply.ts'
import type { operations } from '../model/generated/orders-v1.ts'
import type { Operation } from './operation-deps.ts'
import { findOrder } from './order-access.ts'
import { orderBody } from './order-body.ts'
import { stockHasChanged } from './stock-has-changed.ts'
import { bodyOf, paramsOf } from './typed-input.ts'
import { written } from './written.ts'

/** `POST /orders/v1/orders/{id}/cancel` */
export const cancelOrder: Operation = deps => async exchange => {
  const { id } = paramsOf<operations['cancelOrder']>(exchange)
  const { reason } = bodyOf<operations['cancelOrder']>(exchange)
  const changed: string[] = []
  const reply = await written(exchange, deps.store, async tx => {
    const order = await findOrder(tx, exchange, id, { lock: true })
    changed.push(...order.lines.map(({ sku }) => sku))
    const occasion = { now: deps.now(), correlationId: exchange.id }
    const isCancelled = await cancel(tx, order, reason, occasion)
    const after = await findOrder(tx, exchange, id)
    return jsonReply(isCancelled ? 200 : 202, orderBody(after, await tx.postings.ofOrder(id)))
  })
  return stockHasChanged(deps, reply, changed)
}
