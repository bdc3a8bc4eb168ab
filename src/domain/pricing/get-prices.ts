import type { ChannelId, Sku } from '../../model/brand.ts'
import type { RoundingMode } from '../../model/money.ts'
import type { Network } from '../../model/network.ts'
import type { ErpPrice } from '../../model/price.ts'
import type { ErpCall } from '../../ports/erp.ts'
import type { PriceSource } from '../../ports/price-source.ts'
import { pricingContext } from './pricing-context.ts'
import { rowsBySku } from './rows-by-sku.ts'
import { scalesOf } from './scales.ts'

export type PricesQuery = {
  readonly skus: readonly Sku[]
  readonly channel: ChannelId
  /** Absent means the channel's first. */
  readonly currency?: string
  readonly customerGroup?: string
  /** Epoch ms; absent means now. */
  readonly at?: number
}

export type PricedSku = {
  readonly sku: Sku
  /** What each quantity gets, lowest first; the first step is the price of the smallest quantity sold. */
  readonly steps: readonly [ErpPrice, ...ErpPrice[]]
}

/** Why a SKU has no price in the answer. */
export type UnpricedReason = 'no-price' | 'ambiguous-price' | 'not-answered'

export type Prices = {
  /** How a price finer than a minor unit is shown as one. */
  readonly roundingMode: RoundingMode
  readonly items: readonly PricedSku[]
  readonly unpriced: readonly { readonly sku: Sku; readonly reason: UnpricedReason }[]
  /** Some SKU's ERP could not be asked. */
  readonly incomplete: boolean
  /** Some price has outlived its time, and its ERP cannot be asked. */
  readonly isOverdue: boolean
  /** When the first price among these starts or ends, epoch ms; undefined when none does, or for a fixed `at`. */
  readonly changesAt: number | undefined
  /** When the oldest of these prices was asked for, epoch ms. */
  readonly asOf: number
}

export type PricesDeps = {
  readonly prices: PriceSource
  readonly network: Network
  now(): number
}

/**
 * Tells what each SKU costs a channel, or a customer group of it, at an instant, with all scales.
 *
 * @throws Problem `unknown-channel`, `currency-not-available`
 * @throws UpstreamFailure when no SKU could be asked for at all
 */
export async function getPrices(
  query: PricesQuery,
  { prices, network, now }: PricesDeps,
  call: ErpCall,
): Promise<Prices> {
  const { currency, channel: rules } = pricingContext(query.channel, query.currency, network)
  const { channel, customerGroup } = query
  const startedAt = now()
  const at = query.at ?? startedAt
  const skus = [...new Set(query.skus)]
  const keys = skus.map(sku => ({
    sku,
    channel,
    currency,
    at,
    ...(customerGroup !== undefined && { customerGroup }),
  }))
  const { rows, failures } = await prices.readPrices(keys, call)
  const failed = new Set(failures.flatMap(failure => failure.keys.map(key => key.sku)))
  if (failures[0] && failed.size >= skus.length) throw failures[0].failure

  const bySku = rowsBySku(rows, { channel, currency })
  const items: PricedSku[] = []
  const unpriced: { sku: Sku; reason: UnpricedReason }[] = []
  for (const sku of skus) {
    if (failed.has(sku)) {
      unpriced.push({ sku, reason: 'not-answered' })
      continue
    }
    const scales = scalesOf(bySku.get(sku) ?? [], { customerGroup, at })
    if (scales.kind === 'scales') items.push({ sku, steps: scales.steps })
    else unpriced.push({ sku, reason: scales.kind === 'tie' ? 'ambiguous-price' : 'no-price' })
  }
  return {
    roundingMode: rules.roundingMode,
    items,
    unpriced,
    incomplete: failed.size > 0,
    isOverdue: items.some(({ steps }) => steps.some(row => row.isOverdue === true)),
    changesAt: query.at === undefined ? nextChange([...bySku.values()].flat(), at) : undefined,
    asOf: Math.min(startedAt, ...items.flatMap(({ steps }) => steps.map(row => row.requestedAt))),
  }
}

/** The first instant after `at` at which a price comes into force or goes out of it. */
function nextChange(rows: readonly ErpPrice[], at: number): number | undefined {
  const edges = rows
    .flatMap(({ validFrom = at, validTo = at }) => [validFrom, validTo])
    .filter(edge => edge > at)
  return edges.length ? Math.min(...edges) : undefined
}
