import { type Allocation, openQuantity, type Reservation } from '../../../model/reservation.ts'
import type { Tx } from '../../../ports/store.ts'
import type { Occasion } from '../../occasion.ts'

/**
 * A part of what was promised to an order will never leave: it is for others again. The reservation is locked
 * and committed, and ends with its last open part.
 *
 * @param given.quantity micros, at most what is open of the part
 */
export async function giveBack(
  tx: Tx,
  { id, allocations, version, consumer }: Reservation,
  { part, quantity }: { readonly part: Allocation; readonly quantity: bigint },
  { now, correlationId }: Occasion,
): Promise<void> {
  const { lineId, sku, location, contained } = part
  await tx.stock.lock([{ sku, location }])
  // What the ERP subtracts itself, it gives back itself.
  if (!contained) {
    const entry = { reservationId: id, lineId, sku, location, held: 0n, committed: -quantity }
    await tx.stock.enter([{ ...entry, reason: 'released' }], now)
  }
  await tx.reservations.take(id, { lineId, location, consumed: 0n, released: quantity })
  const left = allocations.reduce((sum, each) => sum + openQuantity(each), 0n) - quantity
  const hasLeft = allocations.some(({ consumed }) => consumed > 0n)
  const end = hasLeft ? 'CONSUMED' : 'RELEASED'
  await tx.reservations.update(id, left === 0n ? { state: end } : {})
  await tx.events.append({
    type: left === 0n ? `reservation.${end.toLowerCase()}` : 'reservation.partly-released',
    aggregate: { type: 'reservation', id, sequence: version + 1 },
    occurredAt: now,
    correlationId,
    consumer,
    data: { reservationId: id, sku, location },
  })
}
