import { type Allocation, openQuantity, type Reservation } from '../../../model/reservation.ts'
import type { SnapshotMeaning } from '../../../model/stock-counter.ts'
import type { Movement } from '../../../ports/stock-ledger.ts'
import type { Tx } from '../../../ports/store.ts'

export type Consumption = Pick<Movement, 'source' | 'sourceId' | 'kind' | 'occurredAt' | 'ack'> & {
  readonly part: Allocation
  /** Micros, at most what is open of the part. */
  readonly quantity: bigint
}

/**
 * What was promised has left: the movement is recorded and the promise ends, in one transaction. The
 * reservation is locked; the same movement a second time changes nothing.
 *
 * Where the ERP subtracts its own orders, its number does not change when one is shipped: the movement is
 * then contained in exactly those snapshots that contain the order.
 *
 * @returns whether it was new
 */
export async function consume(
  tx: Tx,
  reservation: Reservation,
  { part, quantity, ack, ...movement }: Consumption,
  { quantitySemantics }: SnapshotMeaning,
  { now, correlationId }: { now: number; correlationId: string },
): Promise<boolean> {
  const { sku, location, lineId } = part
  await tx.stock.lock([{ sku, location }])
  const shown = quantitySemantics === 'NET_OF_ERP_ORDERS' ? part.ack : ack
  const outcome = await tx.stock.move(
    { ...movement, sku, location, delta: -quantity, ...(shown && { ack: shown }) },
    now,
  )
  if (outcome !== 'new') return false
  if (!part.contained) {
    await tx.stock.enter(
      [
        {
          reservationId: reservation.id,
          lineId,
          sku,
          location,
          held: 0n,
          committed: -quantity,
          reason: 'consumed',
        },
      ],
      now,
    )
  }
  await tx.reservations.take(reservation.id, { lineId, location, consumed: quantity, released: 0n })
  const left =
    reservation.allocations.reduce((sum, each) => sum + openQuantity(each), 0n) - quantity
  const isOver = left === 0n
  await tx.reservations.update(reservation.id, isOver ? { state: 'CONSUMED' } : {})
  await tx.events.append({
    type: isOver ? 'reservation.consumed' : 'reservation.partly-consumed',
    aggregate: { type: 'reservation', id: reservation.id, sequence: reservation.version + 1 },
    occurredAt: now,
    correlationId,
    consumer: reservation.consumer,
    data: { reservationId: reservation.id, sku, location },
  })
  return true
}
