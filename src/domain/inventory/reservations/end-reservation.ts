import { openQuantity, type Reservation } from '../../../model/reservation.ts'
import type { StockKey } from '../../../model/stock.ts'
import type { Tx } from '../../../ports/store.ts'

/** The keys that a reservation holds stock of. */
export const keysOf = ({ allocations }: Reservation): readonly StockKey[] =>
  allocations.map(({ sku, location }) => ({ sku, location }))

const EVENTS = { EXPIRED: 'reservation.expired', RELEASED: 'reservation.released' } as const

/**
 * Gives back what a locked reservation still holds. A reservation ends once: the caller has seen, under its
 * lock, that it is HELD or COMMITTED.
 *
 * @param options.locked the keys are locked already
 */
export async function endReservation(
  tx: Tx,
  reservation: Reservation,
  state: keyof typeof EVENTS,
  options: { now: number; correlationId: string; locked?: boolean },
): Promise<void> {
  const { id, consumer, allocations, version, channel, owner } = reservation
  if (!options.locked) await tx.stock.lock(keysOf(reservation))
  const committed = reservation.state === 'COMMITTED'
  const open = allocations.filter(part => openQuantity(part) > 0n)
  await tx.stock.enter(
    open
      // What the ERP subtracts itself, it gives back itself.
      .filter(({ contained }) => !contained)
      .map(part => ({
        reservationId: id,
        lineId: part.lineId,
        sku: part.sku,
        location: part.location,
        held: committed ? 0n : -openQuantity(part),
        committed: committed ? -openQuantity(part) : 0n,
        reason: state.toLowerCase(),
      })),
    options.now,
  )
  for (const part of open) {
    await tx.reservations.take(id, { ...part, consumed: 0n, released: openQuantity(part) })
  }
  await tx.reservations.update(id, { state })
  await tx.events.append({
    type: EVENTS[state],
    aggregate: { type: 'reservation', id, sequence: version + 1 },
    occurredAt: options.now,
    correlationId: options.correlationId,
    consumer,
    data: { reservationId: id, channel, owner, skus: [...new Set(open.map(({ sku }) => sku))] },
  })
}
