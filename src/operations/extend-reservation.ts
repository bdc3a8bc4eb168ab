import {
  extendReservation as extend,
  findReservation,
} from '../domain/inventory/reservations/change-reservation.ts'
import { jsonReply } from '../gateway/reply.ts'
import type { operations } from '../model/generated/inventory-v2.ts'
import type { Operation } from './operation-deps.ts'
import { reservationsOf } from './reservation-access.ts'
import { reservationBody } from './reservation-body.ts'
import { bodyOf, paramsOf } from './typed-input.ts'
import { written } from './written.ts'

/** `POST /inventory/v2/reservations/{id}/extend` */
export const extendReservation: Operation = deps => exchange => {
  const { id } = paramsOf<operations['extendReservation']>(exchange)
  const { ttlSeconds } = bodyOf<operations['extendReservation']>(exchange)
  const consumer = reservationsOf(exchange)
  return written(exchange, deps.store, async tx => {
    await extend(tx, id, consumer, { now: deps.now(), correlationId: exchange.id, ttlSeconds })
    return jsonReply(200, reservationBody(await findReservation(tx, id, consumer)))
  })
}
