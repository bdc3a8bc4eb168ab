import { prefixedId } from '../../kernel/ids.ts'
import type { LocationId } from '../../model/brand.ts'
import type { MovementPosting } from '../../model/order.ts'
import { quantityText } from '../../model/quantity.ts'
import type { Movement } from '../../ports/stock-ledger.ts'
import type { Tx } from '../../ports/store.ts'
import type { ErpPlace } from '../erp-place.ts'

export type NewMovement = Omit<Movement, 'ack'> & { readonly uom: string }

/** ERPs bear a few hundred lines in a document; what one of them refuses is refused with fewer others. */
const MOST_LINES = 100

/**
 * Writes what ERPs are to be told of movements that have just been recorded, and sends the jobs that tell them, in
 * the same transaction. Those whose source tells the ERP by itself are left out.
 */
export async function tellMovements(
  tx: Tx,
  movements: readonly NewMovement[],
  {
    now,
    erpAt,
  }: {
    now: number
    erpAt(location: LocationId): Pick<ErpPlace, 'connection' | 'toldMovementsOf'> | undefined
  },
): Promise<void> {
  const byConnection = Map.groupBy(movements, ({ location, source }) => {
    const { connection = '', toldMovementsOf = [] } = erpAt(location) ?? {}
    return toldMovementsOf === 'all' || toldMovementsOf.includes(source) ? connection : ''
  })
  for (const [connection, all] of byConnection) {
    if (!connection) continue
    for (let i = 0; i < all.length; i += MOST_LINES) {
      await postMovements(tx, connection, all.slice(i, i + MOST_LINES).map(toLine), now)
    }
  }
}

/** One document of movements for one ERP. */
export async function postMovements(
  tx: Tx,
  connection: string,
  lines: MovementPosting['lines'],
  now: number,
): Promise<void> {
  const id = prefixedId('pst')
  const reference = id.slice(id.indexOf('_') + 1)
  const payload: MovementPosting = { reference, lines }
  const posting = {
    id,
    orderId: undefined,
    connection,
    kind: 'movements' as const,
    reference,
    payload,
    createdAt: now,
  }
  if (await tx.postings.insert(posting)) await tx.jobs.post(posting)
}

const toLine = ({
  sku,
  location,
  source,
  sourceId,
  delta,
  uom,
  kind,
  occurredAt,
}: NewMovement): MovementPosting['lines'][number] => ({
  sku,
  location,
  source,
  sourceId,
  delta: quantityText({ micros: delta, uom }),
  uom,
  kind,
  occurredAt,
})
