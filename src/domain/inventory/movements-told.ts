import type { MovementErpPosting } from '../../model/order.ts'
import type { SnapshotMeaning } from '../../model/stock-counter.ts'
import type { Tx } from '../../ports/store.ts'
import type { Told } from '../postings/told.ts'
import { postMovements } from './tell-movements.ts'

/** What becomes of movements when an ERP has been told of them. */
export const movementsTold = (
  tx: Tx,
  { connection, payload }: MovementErpPosting,
  meaning: SnapshotMeaning | undefined,
): Told => ({
  async confirmed({ seq }, { now }) {
    await tx.stock.lock(payload.lines)
    const ack = { seq: meaning?.changeSequence === 'NATIVE' ? seq : undefined, at: now }
    for (const { source, sourceId } of payload.lines) {
      await tx.stock.acknowledgeMovement(source, sourceId, ack)
    }
  },
  /** One that the ERP will not have must not hold up the others: each is told by itself. */
  async rejected(_detail, { now }) {
    if (payload.lines.length === 1) return 'DEAD'
    for (const line of payload.lines) await postMovements(tx, connection, [line], now)
    return 'DROPPED'
  },
  /** It waits for a person, and is listed there. */
  async dead() {},
})
