import { jsonReply } from '../gateway/reply.ts'
import type { operations } from '../model/generated/inventory-v2.ts'
import { changesBody } from './changes-body.ts'
import type { Operation } from './operation-deps.ts'
import { reservationsOf } from './reservation-access.ts'
import { queryOf } from './typed-input.ts'

/** `GET /inventory/v2/changes` */
export const listInventoryChanges: Operation = deps => async exchange => {
  const { after = 0, limit = 100 } = queryOf<operations['listInventoryChanges']>(exchange)
  const only = { types: ['reservation', 'stock'] as const, consumer: reservationsOf(exchange) }
  return jsonReply(200, changesBody(await deps.store.feed.read(after, limit, only)))
}
