import { Problem } from '../../../kernel/problems.ts'
import type { Reservation } from '../../../model/reservation.ts'
import type { Tx } from '../../../ports/store.ts'
import type { Occasion } from '../../occasion.ts'
import { endReservation, keysOf } from './end-reservation.ts'

/**
 * Finds a reservation for a caller. Another's is not there, unless the caller may see all.
 *
 * @param consumer whose it must be; undefined for any
 * @throws Problem `not-found`
 */
export async function findReservation(
  tx: Tx,
  id: string,
  consumer: string | undefined,
  options?: { lock: boolean },
): Promise<Reservation> {
  const found = await tx.reservations.find(id, options)
  if (!found || (consumer !== undefined && found.consumer !== consumer))
    throw new Problem('not-found')
  return found
}

/**
 * Gives a hold back. Giving back what has ended is no error: the caller has what it wants.
 *
 * @throws Problem `reservation-committed` when it belongs to an order
 */
export async function releaseReservation(
  tx: Tx,
  id: string,
  consumer: string | undefined,
  occasion: Occasion,
): Promise<void> {
  const reservation = await findReservation(tx, id, consumer, { lock: true })
  if (reservation.state === 'COMMITTED' || reservation.state === 'CONSUMED') {
    throw new Problem('reservation-committed', {
      detail: 'It belongs to an order: cancel the order instead.',
    })
  }
  if (reservation.state === 'HELD') await endReservation(tx, reservation, 'RELEASED', occasion)
}

/**
 * Lets a hold last longer, from now on.
 *
 * @throws Problem `reservation-ended` when it is not held any more: reserve again
 */
export async function extendReservation(
  tx: Tx,
  id: string,
  consumer: string | undefined,
  { ttlSeconds, ...occasion }: Occasion & { ttlSeconds: number },
): Promise<void> {
  const reservation = await findReservation(tx, id, consumer, { lock: true })
  requireHeld(reservation, occasion.now)
  await tx.reservations.update(id, { expiresAt: occasion.now + ttlSeconds * 1000 })
  await tx.events.append({
    type: 'reservation.extended',
    aggregate: { type: 'reservation', id, sequence: reservation.version + 1 },
    occurredAt: occasion.now,
    correlationId: occasion.correlationId,
    consumer: reservation.consumer,
    data: { reservationId: id },
  })
}

/**
 * Binds a locked hold to an order, within the transaction that accepts the order.
 *
 * @param occasion.locked the keys are locked already
 * @returns false when it is not held any more: reserve again, or hold the order
 */
export async function commitReservation(
  tx: Tx,
  reservation: Reservation,
  orderId: string,
  { now, correlationId, locked = false }: Occasion & { readonly locked?: boolean },
): Promise<boolean> {
  if (!isHeld(reservation, now)) return false
  if (!locked) await tx.stock.lock(keysOf(reservation))
  await tx.stock.enter(
    reservation.allocations.map(({ lineId, sku, location, quantity }) => ({
      reservationId: reservation.id,
      lineId,
      sku,
      location,
      held: -quantity,
      committed: quantity,
      reason: 'committed',
    })),
    now,
  )
  await tx.reservations.update(reservation.id, {
    state: 'COMMITTED',
    owner: { type: 'ORDER', id: orderId },
  })
  await tx.events.append({
    type: 'reservation.committed',
    aggregate: { type: 'reservation', id: reservation.id, sequence: reservation.version + 1 },
    occurredAt: now,
    correlationId,
    consumer: reservation.consumer,
    data: { reservationId: reservation.id, orderId },
  })
  return true
}

/** An overdue hold is none, whether the timer has come by or not. */
const isHeld = ({ state, expiresAt }: Reservation, now: number): boolean =>
  state === 'HELD' && expiresAt > now

function requireHeld(reservation: Reservation, now: number): void {
  if (isHeld(reservation, now)) return
  const { state } = reservation
  throw new Problem(state === 'COMMITTED' ? 'reservation-committed' : 'reservation-ended', {
    detail: `It is ${state === 'HELD' ? 'EXPIRED' : state}.`,
  })
}
