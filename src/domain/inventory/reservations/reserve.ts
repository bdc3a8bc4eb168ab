import { prefixedId } from '../../../kernel/ids.ts'
import type { ChannelId, LocationId } from '../../../model/brand.ts'
import type { Reservation } from '../../../model/reservation.ts'
import type { StockKey } from '../../../model/stock.ts'
import type { Snapshot } from '../../../ports/stock-ledger.ts'
import type { Tx } from '../../../ports/store.ts'
import { allocate, type LineRequest, type ShortLine } from './allocate.ts'
import { endReservation, keysOf } from './end-reservation.ts'

export type ReserveRequest = {
  readonly consumer: string
  readonly channel: ChannelId
  readonly owner: Reservation['owner']
  readonly lines: readonly LineRequest[]
  /** Where lines without a location may be filled, in order of preference. */
  readonly pool: readonly LocationId[]
  readonly bufferMicros: bigint
  readonly ttlSeconds: number
  readonly allowPartial: boolean
  readonly correlationId: string
}

export type ReserveResult =
  | { readonly ok: true; readonly reservation: Reservation; readonly short: readonly ShortLine[] }
  | { readonly ok: false; readonly short: readonly ShortLine[] }

/** The keys that lines may be filled from. */
export const candidateKeys = (
  lines: readonly LineRequest[],
  pool: readonly LocationId[],
): readonly StockKey[] => [
  ...new Map(
    lines
      .flatMap(({ sku, location }) =>
        (location ? [location] : pool).map(at => ({ sku, location: at })),
      )
      .map(key => [`${key.sku}\n${key.location}`, key]),
  ).values(),
]

/**
 * Takes stock for a cart or an order: all lines or none, unless a part will do. Checked and taken in one
 * transaction under the locks of all keys in question, in their order; an overdue hold on them ends first,
 * so that it does not block a sale.
 *
 * @param snapshots what the ERP has just said of the keys, see freshSnapshots
 */
export async function reserve(
  tx: Tx,
  request: ReserveRequest,
  snapshots: readonly Snapshot[],
  now: number,
): Promise<ReserveResult> {
  const { consumer, channel, owner, lines, pool, bufferMicros, correlationId } = request
  const keys = candidateKeys(lines, pool)
  const overdue = await tx.reservations.lockOverdue(now, { keys })
  // Counters that come into being are locked by that; so everything is locked in one order, first of all.
  const all = [...keys, ...overdue.flatMap(keysOf)]
  const locked = await tx.stock.lock(all)
  await tx.stock.applySnapshots(snapshots)
  for (const reservation of overdue) {
    await endReservation(tx, reservation, 'EXPIRED', { now, correlationId, locked: true })
  }
  const isAsLocked = overdue.length === 0 && snapshots.length === 0
  const counters = isAsLocked ? locked : await tx.stock.lock(keys)
  const { parts, short } = allocate(lines, pool, counters, bufferMicros)
  if (parts.length === 0 || (short.length > 0 && !request.allowPartial)) return { ok: false, short }

  const reservation: Reservation = {
    id: prefixedId('res'),
    consumer,
    channel,
    owner,
    state: 'HELD',
    expiresAt: now + request.ttlSeconds * 1000,
    createdAt: now,
    version: 1,
    allocations: parts.map(part => ({ ...part, consumed: 0n, released: 0n, contained: false })),
  }
  await tx.reservations.insert(reservation)
  await tx.stock.enter(
    parts.map(({ lineId, sku, location, quantity }) => ({
      reservationId: reservation.id,
      lineId,
      sku,
      location,
      held: quantity,
      committed: 0n,
      reason: 'held',
    })),
    now,
  )
  await tx.events.append({
    type: 'reservation.held',
    aggregate: { type: 'reservation', id: reservation.id, sequence: 1 },
    occurredAt: now,
    correlationId,
    consumer,
    data: {
      reservationId: reservation.id,
      channel,
      owner,
      skus: [...new Set(parts.map(p => p.sku))],
    },
  })
  return { ok: true, reservation, short }
}
