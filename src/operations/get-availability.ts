import type { operations } from '../model/generated/inventory-v2.ts'
import { answerAvailability } from './answer-availability.ts'
import type { Operation } from './operation-deps.ts'
import { queryOf } from './typed-input.ts'

/** `GET /inventory/v2/availability` */
export const getAvailability: Operation = deps => exchange => {
  const { sku, location, channel } = queryOf<operations['getAvailability']>(exchange)
  const input = { skus: sku, ...(location && { locations: location }), ...(channel && { channel }) }
  return answerAvailability(exchange, input, deps)
}
