import type { LocationId } from '../../../model/brand.ts'
import type { StockKey } from '../../../model/stock.ts'
import { stockKeyText } from '../../../model/stock.ts'
import type { ErpCall } from '../../../ports/erp.ts'
import type { Snapshot } from '../../../ports/stock-ledger.ts'
import type { StockSource } from '../../../ports/stock-source.ts'
import type { Store } from '../../../ports/store.ts'
import type { ErpPlace } from '../../erp-place.ts'

export type SnapshotDeps = {
  readonly store: Store
  readonly stock: StockSource
  /** What the ERPs have said before, as they were asked then: for when they cannot be asked. */
  readonly knownStock: StockSource
  /** Epoch ms. */
  now(): number
  erpAt(location: LocationId): ErpPlace | undefined
}

/** A snapshot this old is asked for anew before stock is promised by it. */
const FRESH_MS = 15_000
/** One that cannot be had anew still serves for as long as DOMAIN's "ERP down" rule lets a stale read serve. */
const USABLE_MS = 4 * 3_600_000

/**
 * What the ERP says of keys, as far as the ledger does not know it well enough. It is asked outside any
 * transaction: nobody waits for an ERP with a lock in hand. The rule of absorption keeps the result right,
 * however old it is when it is taken over.
 *
 * A key that the ledger has not met may still be known to readers: that is a snapshot like any other.
 *
 * @throws UpstreamFailure when a key of which nothing is known cannot be asked for
 */
export async function freshSnapshots(
  keys: readonly StockKey[],
  { store, stock, knownStock, now, erpAt }: SnapshotDeps,
  call: ErpCall,
): Promise<readonly Snapshot[]> {
  const known = new Map(
    (await store.read.stock.counters(keys)).map(counter => [stockKeyText(counter), counter]),
  )
  const aged = keys.filter(
    key => now() - (known.get(stockKeyText(key))?.snapshotAt ?? 0) > FRESH_MS,
  )
  if (aged.length === 0) return []
  const { rows, failures } = await stock.readStock(aged, call)
  const lost = failures
    .flatMap(({ keys: unanswered }) => unanswered)
    .filter(key => now() - (known.get(stockKeyText(key))?.snapshotAt ?? 0) > USABLE_MS)
  const remembered = lost.length
    ? await knownStock.readStock(lost, { ...call, readThrough: false })
    : { rows: [], failures: [] }
  const [unknown] = remembered.failures
  if (unknown) throw unknown.failure
  return [...rows, ...remembered.rows].flatMap(row => {
    const erp = erpAt(row.location)
    return erp ? [{ ...row, ...erp }] : []
  })
}
