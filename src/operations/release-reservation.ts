import {
  findReservation,
  releaseReservation as release,
} from '../domain/inventory/reservations/change-reservation.ts'
import { jsonReply } from '../gateway/reply.ts'
import type { operations } from '../model/generated/inventory-v2.ts'
import type { Operation } from './operation-deps.ts'
import { reservationsOf } from './reservation-access.ts'
import { reservationBody } from './reservation-body.ts'
import { stockHasChanged } from './stock-has-changed.ts'
import { paramsOf } from './typed-input.ts'
import { written } from './written.ts'

/** `POST /inventory/v2/reservations/{id}/release` */
export const releaseReservation: Operation = deps => async exchange => {
  const { id } = paramsOf<operations['releaseReservation']>(exchange)
  const consumer = reservationsOf(exchange)
  const changed: string[] = []
  const reply = await written(exchange, deps.store, async tx => {
    await release(tx, id, consumer, { now: deps.now(), correlationId: exchange.id })
    const released = await findReservation(tx, id, consumer)
    changed.push(...released.allocations.map(({ sku }) => sku))
    return jsonReply(200, reservationBody(released))
  })
  return stockHasChanged(deps, reply, changed)
}
