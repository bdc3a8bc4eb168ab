import type { Believed, KnowledgeSettings } from '../../model/erp-connection.ts'
import type { ErpPrice } from '../../model/price.ts'
import type { ErpStock } from '../../model/stock.ts'
import type { KnowledgeMetrics } from '../../ports/knowledge-metrics.ts'
import type { Known, SharedKnowledge } from '../../ports/shared-knowledge.ts'
import { createShelf, type Shelf } from './shelf.ts'
import { createWatch, type Watch } from './watch.ts'

/** What one ERP has said of things of one kind, and how long it is believed. */
export type Kind<V> = {
  readonly name: 'stock' | 'price'
  readonly shelf: Shelf<V>
  readonly watch: Watch
  readonly believed: Believed
  readonly metrics: KnowledgeMetrics
  /** What the other processes know; undefined where this one is alone. */
  readonly shared: SharedKnowledge<V> | undefined
}

/** What one ERP has said. */
export type Knowledge = {
  /** By stock key; undefined for a key that the ERP does not know. */
  readonly stock: Kind<ErpStock | undefined>
  /** By SKU, channel, currency and customer group: all rows, none where there is no price. */
  readonly prices: Kind<readonly ErpPrice[]>
  readonly watch: Watch
}

/** Of the memory for both: stock has more keys, prices the larger values. */
const PART_FOR_STOCK = 0.5
/** Missing so many polls, an ERP does not tell us any more what changes. */
const POLLS_MISSED = 5
const SILENT_AFTER_MS = 2_000

/** @param shared by kind: what the other processes know */
export function createKnowledge(
  settings: KnowledgeSettings,
  metrics: KnowledgeMetrics,
  shared: <V>(kind: 'stock' | 'price') => SharedKnowledge<V> | undefined,
): Knowledge {
  const { maxBytes, stock, prices, pollMs = 0 } = settings
  const watch = createWatch(Math.max(SILENT_AFTER_MS, POLLS_MISSED * pollMs))
  const shelf = <V>(part: number, bytesOf: (value: V) => number) =>
    createShelf(Math.ceil(maxBytes * part), bytesOf)
  return {
    watch,
    stock: {
      ...{ name: 'stock', believed: stock, watch, metrics, shared: shared('stock') },
      shelf: shelf(PART_FOR_STOCK, row => (row ? STOCK_BYTES : 0)),
    },
    prices: {
      ...{ name: 'price', believed: prices, watch, metrics, shared: shared('price') },
      shelf: shelf(1 - PART_FOR_STOCK, rows => rows.length * PRICE_BYTES),
    },
  }
}

/** Measured on the heap with a GTIN and a next delivery, and with a validity and a scale. */
const STOCK_BYTES = 400
const PRICE_BYTES = 700

/** How long an ERP's "there is no such thing" is believed at most, ms. */
const NEGATIVE_MS = 10_000

/**
 * What is known of a key, if it may be answered without asking again.
 *
 * @param thing what a change would name
 * @param exists whether the ERP knows the thing at all
 */
export function believed<V>(
  { shelf, watch, believed: limits }: Kind<V>,
  { key, thing, now }: { readonly key: string; readonly thing: string; readonly now: number },
  exists: (value: V) => boolean,
): (Known<V> & { readonly verifiedAt: number }) | undefined {
  const known = shelf.get(key, now)
  if (!known || shelf.isOutdated(thing, known)) return undefined
  const verifiedAt = watch.verifiedUntil(known.askedAt, now)
  const seconds = verifiedAt === undefined ? limits.seconds : limits.watchedSeconds
  const limitMs = exists(known.value) ? seconds * 1000 : Math.min(seconds * 1000, NEGATIVE_MS)
  if (now - known.askedAt > limitMs) return undefined
  return { ...known, verifiedAt: verifiedAt ?? known.askedAt }
}

/** What was last known of a key, if it may be told while its ERP cannot be asked. */
export function overdue<V>(
  { shelf, believed: limits }: Kind<V>,
  key: string,
  now: number,
): V | undefined {
  const known = shelf.get(key, now)
  return known && now - known.askedAt <= limits.overdueSeconds * 1000 ? known.value : undefined
}
