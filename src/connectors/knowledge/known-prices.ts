import type { Clock } from '../../kernel/clock.ts'
import { type ErpPrice, type PriceKey, samePriceQuestion } from '../../model/price.ts'
import type { PriceSource } from '../../ports/price-source.ts'
import type { Known } from '../../ports/shared-knowledge.ts'
import type { Knowledge } from './knowledge.ts'
import { knownSource } from './known-source.ts'

/** A question for an instant so near, ms, is one for now; any other is always asked. */
const NOW_MS = 2_000

/** @see createKnownStock */
export const createKnownPrices = (
  source: PriceSource,
  knowledgeOf: (key: PriceKey) => Knowledge | undefined,
  clock: Clock,
): PriceSource => ({
  readPrices: knownSource<PriceKey, ErpPrice, readonly ErpPrice[]>(
    {
      read: (keys, call) => source.readPrices(keys, call),
      kindOf: (key, now) =>
        Math.abs(now - key.at) <= NOW_MS ? knowledgeOf(key)?.prices : undefined,
      keyText: ({ sku, channel, currency, customerGroup = '' }) =>
        [sku, channel, currency, customerGroup].join('\n'),
      thingOf: ({ sku }) => sku,
      exists: rows => rows.length > 0,
      mayHold: (known, now) => !hasTurned(known, now),
      thingOfRow: ({ sku }) => sku,
      knownOf(key, rows, now) {
        const value = rows.filter(row => samePriceQuestion(key, row))
        return { value, askedAt: Math.min(now, ...value.map(row => row.requestedAt)) }
      },
      rowsOf: (rows, state) =>
        state === 'overdue' ? rows.map(row => ({ ...row, isOverdue: true })) : rows,
    },
    clock,
  ),
})

/** A price has come into force or gone out of it since: the ERP may have more to say than it had. */
const hasTurned = ({ value, askedAt }: Known<readonly ErpPrice[]>, now: number): boolean =>
  value.some(({ validFrom, validTo }) =>
    [validFrom, validTo].some(edge => edge !== undefined && edge > askedAt && edge <= now),
  )
