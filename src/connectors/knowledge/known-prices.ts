import type { Clock } from '../../kernel/clock.ts'
import { type ErpPrice, type PriceKey, samePriceQuestion } from '../../model/price.ts'
import type { PriceFailure, PriceSource } from '../../ports/price-source.ts'
import { believed, type Knowledge, overdue } from './knowledge.ts'
import type { Known } from './shelf.ts'

/** A question for an instant so near, ms, is one for now. */
const NOW_MS = 2_000

/** @see createKnownStock; a question for another instant than now is always asked */
export function createKnownPrices(
  source: PriceSource,
  knowledgeOf: (key: PriceKey) => Knowledge | undefined,
  clock: Clock,
): PriceSource {
  const lastKnown = ({ keys, failure }: PriceFailure, rows: ErpPrice[]): PriceFailure => {
    if (failure.kind === 'rejected') return { keys, failure }
    const now = clock.now()
    const unanswered = keys.filter(key => {
      const prices = isForNow(key, now) ? knowledgeOf(key)?.prices : undefined
      const known = prices && overdue(prices, priceKeyText(key), now)
      if (!prices || !known?.length) return true
      prices.metrics.answered('price', 'overdue', 1)
      rows.push(...known)
      return false
    })
    return { keys: unanswered, failure }
  }

  return {
    async readPrices(keys, call) {
      const now = clock.now()
      const rows: ErpPrice[] = []
      const missing = keys.filter(key => {
        const prices = isForNow(key, now) ? knowledgeOf(key)?.prices : undefined
        if (!prices || call.readThrough) return true
        const asked = { key: priceKeyText(key), thing: key.sku, now }
        const known = believed(prices, asked, value => value.length > 0)
        if (!known || hasTurned(known, now)) return true
        prices.metrics.answered('price', 'known', 1)
        rows.push(...known.value)
        return false
      })
      if (missing.length === 0) return { rows, failures: [] }

      const asked = await source.readPrices(missing, call)
      keep(asked.rows, missing, asked.failures, now)
      rows.push(...asked.rows)
      const failures = call.readThrough
        ? asked.failures
        : asked.failures.map(failed => lastKnown(failed, rows)).filter(({ keys: k }) => k.length)
      return { rows, failures }
    },
  }

  function keep(
    rows: readonly ErpPrice[],
    keys: readonly PriceKey[],
    failures: readonly PriceFailure[],
    now: number,
  ): void {
    const failed = new Set(failures.flatMap(failure => failure.keys))
    const bySku = Map.groupBy(rows, ({ sku }) => sku)
    for (const key of keys) {
      const prices = isForNow(key, now) ? knowledgeOf(key)?.prices : undefined
      if (!prices || failed.has(key)) continue
      const value = (bySku.get(key.sku) ?? []).filter(row => samePriceQuestion(key, row))
      const askedAt = Math.min(now, ...value.map(row => row.requestedAt))
      prices.metrics.answered('price', 'asked', 1)
      prices.shelf.put(priceKeyText(key), { value, askedAt })
    }
  }
}

const isForNow = ({ at }: PriceKey, now: number): boolean => Math.abs(now - at) <= NOW_MS

/** A price has come into force or gone out of it since: the ERP may have more to say than it had. */
const hasTurned = ({ value, askedAt }: Known<readonly ErpPrice[]>, now: number): boolean =>
  value.some(({ validFrom, validTo }) =>
    [validFrom, validTo].some(edge => edge !== undefined && edge > askedAt && edge <= now),
  )

const priceKeyText = ({ sku, channel, currency, customerGroup = '' }: PriceKey): string =>
  [sku, channel, currency, customerGroup].join('\n')
