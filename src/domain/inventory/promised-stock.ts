import { UpstreamFailure } from '../../kernel/upstream-failure.ts'
import type { LocationId } from '../../model/brand.ts'
import { stockKeyText } from '../../model/stock.ts'
import { availableToPromise, type StockCounter } from '../../model/stock-counter.ts'
import type { StockSource } from '../../ports/stock-source.ts'
import type { Store } from '../../ports/store.ts'
import type { ErpPlace } from '../erp-place.ts'

/**
 * Stock as it may be promised: what the ERP says, less what we have promised of it, and what moved since.
 * Only keys that something was promised of, or moved, need the ledger; the others are the ERP's.
 *
 * While the ledger cannot be read, keys have no answer: an ERP's number alone may be sold already.
 */
export const createPromisedStock = (
  stock: StockSource,
  { store, erpAt }: { store: Store; erpAt(location: LocationId): ErpPlace | undefined },
): StockSource => ({
  async readStock(keys, call) {
    const { rows, failures } = await stock.readStock(keys, call)
    try {
      const busy = (await store.read.stock.counters(rows)).filter(isBusy)
      if (busy.length === 0) return { rows, failures }
      const keysInUse = new Set(busy.map(stockKeyText))
      const inUse = rows.filter(row => keysInUse.has(stockKeyText(row)))
      const snapshots = inUse.flatMap(row => {
        const erp = erpAt(row.location)
        return erp ? [{ ...row, ...erp }] : []
      })
      const counters = await store.write(async tx => {
        await tx.stock.lock(inUse)
        await tx.stock.applySnapshots(snapshots)
        return tx.stock.counters(inUse)
      })
      const known = new Map(counters.map(counter => [stockKeyText(counter), counter]))
      return {
        rows: rows.map(row => {
          const counter = known.get(stockKeyText(row))
          return counter && counter.uom === row.onHand.uom
            ? {
                ...row,
                onHand: { micros: availableToPromise(counter), uom: counter.uom },
                requestedAt: counter.snapshotAt,
                ...(row.verifiedAt !== undefined && {
                  verifiedAt: Math.max(row.verifiedAt, counter.snapshotAt),
                }),
              }
            : row
        }),
        failures,
      }
    } catch (cause) {
      return { rows: [], failures: [...failures, { keys: rows, failure: ledgerFailure(cause) }] }
    }
  },
})

/** Something is promised of it, or has moved, that the ERP's own number does not show. */
const isBusy = ({ held, committed, unabsorbed }: StockCounter): boolean =>
  held !== 0n || committed !== 0n || unabsorbed !== 0n

const ledgerFailure = (cause: unknown): UpstreamFailure =>
  new UpstreamFailure(
    'unreachable',
    'the stock ledger cannot be read',
    { connection: 'ledger', call: 'stock.counters', proxyError: 'destination_unavailable' },
    { cause },
  )
