import { findReservation } from '../domain/inventory/reservations/change-reservation.ts'
import { jsonReply } from '../gateway/reply.ts'
import type { operations } from '../model/generated/inventory-v2.ts'
import type { Operation } from './operation-deps.ts'
import { reservationsOf } from './reservation-access.ts'
import { reservationBody } from './reservation-body.ts'
import { paramsOf } from './typed-input.ts'

/** `GET /inventory/v2/reservations/{id}` */
export const getReservation: Operation = deps => async exchange => {
  const { id } = paramsOf<operations['getReservation']>(exchange)
  const found = await findReservation(deps.store.read, id, reservationsOf(exchange))
  return jsonReply(200, reservationBody(found))
}
