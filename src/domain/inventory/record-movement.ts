import type { Movement } from '../../ports/stock-ledger.ts'
import type { Tx } from '../../ports/store.ts'

export type MovementStatus = 'RECORDED' | 'DUPLICATE' | 'CONFLICT' | 'UNKNOWN_STOCK'

/**
 * Records what another system says came or went, at a key that is locked. The goods have moved, whatever we
 * think of it: a movement is recorded even where more leaves than was there.
 */
export async function recordMovement(
  tx: Tx,
  {
    uom,
    erpSeq,
    ...movement
  }: Omit<Movement, 'ack'> & {
    readonly uom: string
    /** The ERP's own posting of it. */
    readonly erpSeq: bigint | undefined
  },
  { now, correlationId }: { now: number; correlationId: string },
): Promise<MovementStatus> {
  const { sku, location, source, sourceId, delta, kind } = movement
  const [counter] = await tx.stock.counters([{ sku, location }])
  if (counter?.uom !== uom) return 'UNKNOWN_STOCK'
  const ack = erpSeq === undefined ? undefined : { seq: erpSeq, at: now }
  const outcome = await tx.stock.move({ ...movement, ...(ack && { ack }) }, now)
  if (outcome === 'changed') return 'CONFLICT'
  if (outcome === 'known') {
    // The same movement, now with the ERP's word for it: the one thing that may come later.
    if (ack) await tx.stock.acknowledgeMovement(source, sourceId, ack)
    return 'DUPLICATE'
  }
  const [after] = await tx.stock.counters([{ sku, location }])
  await tx.events.append({
    type: 'stock.moved',
    aggregate: { type: 'stock', id: `${sku}@${location}`, sequence: after?.version ?? 1 },
    occurredAt: now,
    correlationId,
    consumer: undefined,
    data: { sku, location, source, movementId: sourceId, kind, deltaMicros: String(delta) },
  })
  return 'RECORDED'
}
