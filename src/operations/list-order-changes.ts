import { jsonReply } from '../gateway/reply.ts'
import type { operations } from '../model/generated/orders-v1.ts'
import { changesBody } from './changes-body.ts'
import type { Operation } from './operation-deps.ts'
import { ordersOf } from './order-access.ts'
import { queryOf } from './typed-input.ts'

/** `GET /orders/v1/changes` */
export const listOrderChanges: Operation = deps => async exchange => {
  const { after = 0, limit = 100 } = queryOf<operations['listOrderChanges']>(exchange)
  const only = { types: ['order'] as const, consumer: ordersOf(exchange) }
  return jsonReply(200, changesBody(await deps.store.feed.read(after, limit, only)))
}
