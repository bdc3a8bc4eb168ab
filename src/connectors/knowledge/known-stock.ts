import type { Clock } from '../../kernel/clock.ts'
import { type ErpStock, type StockKey, stockKeyText } from '../../model/stock.ts'
import type { StockFailure, StockSource } from '../../ports/stock-source.ts'
import { believed, type Knowledge, overdue } from './knowledge.ts'

/**
 * Answers stock from what the ERPs have said, and asks only for what is missing. What cannot be asked for is
 * told as it was last known, marked, for as long as the policy lets it be.
 *
 * @param knowledgeOf of the ERP that serves a key; undefined where nothing is to be remembered
 */
export function createKnownStock(
  source: StockSource,
  knowledgeOf: (key: StockKey) => Knowledge | undefined,
  clock: Clock,
): StockSource {
  const lastKnown = ({ keys, failure }: StockFailure, rows: ErpStock[]): StockFailure => {
    // A no is an answer: what was known before is not true any more.
    if (failure.kind === 'rejected') return { keys, failure }
    const unanswered = keys.filter(key => {
      const stock = knowledgeOf(key)?.stock
      const row = stock && overdue(stock, stockKeyText(key), clock.now())
      if (!row) return true
      stock.metrics.answered('stock', 'overdue', 1)
      rows.push({ ...row, isOverdue: true })
      return false
    })
    return { keys: unanswered, failure }
  }

  return {
    async readStock(keys, call) {
      const now = clock.now()
      const rows: ErpStock[] = []
      const missing = keys.filter(key => {
        const stock = knowledgeOf(key)?.stock
        if (!stock || call.readThrough) return true
        const text = stockKeyText(key)
        const known = believed(stock, { key: text, thing: text, now }, row => row !== undefined)
        if (!known) return true
        stock.metrics.answered('stock', 'known', 1)
        if (known.value) rows.push({ ...known.value, verifiedAt: known.verifiedAt })
        return false
      })
      if (missing.length === 0) return { rows, failures: [] }

      const asked = await source.readStock(missing, call)
      keep(asked.rows, missing, asked.failures, now)
      rows.push(...asked.rows)
      const failures = call.readThrough
        ? asked.failures
        : asked.failures.map(failed => lastKnown(failed, rows)).filter(({ keys: k }) => k.length)
      return { rows, failures }
    },
  }

  function keep(
    rows: readonly ErpStock[],
    keys: readonly StockKey[],
    failures: readonly StockFailure[],
    askedAt: number,
  ): void {
    const told = new Map(rows.map(row => [stockKeyText(row), row]))
    const failed = new Set(failures.flatMap(failure => failure.keys.map(stockKeyText)))
    for (const key of keys) {
      const text = stockKeyText(key)
      const stock = knowledgeOf(key)?.stock
      if (!stock || failed.has(text)) continue
      const row = told.get(text)
      stock.metrics.answered('stock', 'asked', 1)
      stock.shelf.put(text, {
        value: row,
        askedAt: row?.requestedAt ?? askedAt,
        erpSeq: row?.erpSeq,
      })
    }
  }
}
