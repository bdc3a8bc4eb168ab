import type { Clock } from '../../kernel/clock.ts'
import { type ErpStock, type StockKey, stockKeyText } from '../../model/stock.ts'
import type { StockSource } from '../../ports/stock-source.ts'
import type { Knowledge } from './knowledge.ts'
import { knownSource } from './known-source.ts'

/**
 * Stock from what the ERPs have said of it; see `knownSource`.
 *
 * @param knowledgeOf of the ERP that serves a key; undefined where nothing is to be remembered
 */
export const createKnownStock = (
  source: StockSource,
  knowledgeOf: (key: StockKey) => Knowledge | undefined,
  clock: Clock,
): StockSource => ({
  readStock: knownSource<StockKey, ErpStock, ErpStock | undefined>(
    {
      read: (keys, call) => source.readStock(keys, call),
      kindOf: key => knowledgeOf(key)?.stock,
      keyText: stockKeyText,
      thingOf: stockKeyText,
      exists: row => row !== undefined,
      mayHold: () => true,
      thingOfRow: stockKeyText,
      knownOf(_, [row], askedAt) {
        return { value: row, askedAt: row?.requestedAt ?? askedAt, erpSeq: row?.erpSeq }
      },
      rowsOf(row, state) {
        if (!row) return []
        return state === 'overdue'
          ? [{ ...row, isOverdue: true }]
          : [{ ...row, verifiedAt: state.verifiedAt }]
      },
    },
    clock,
  ),
})
