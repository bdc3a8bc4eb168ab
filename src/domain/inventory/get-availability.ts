import { Problem } from '../../kernel/problems.ts'
import type { UpstreamFailure } from '../../kernel/upstream-failure.ts'
import type { ChannelId, LocationId, Sku } from '../../model/brand.ts'
import type { Network } from '../../model/network.ts'
import { type ErpStock, stockKeyText } from '../../model/stock.ts'
import type { ErpCall } from '../../ports/erp.ts'
import type { StockSource } from '../../ports/stock-source.ts'
import { NO_RULES, poolStock, type SkuAvailability, type StockRules } from './availability.ts'

export type AvailabilityQuery = {
  readonly skus: readonly Sku[]
  /** Absent means the channel's pool, or every location, as far as `regions` reach. */
  readonly locations?: readonly LocationId[]
  /** Whose buffer and pool apply; absent means stock as it is. */
  readonly channel?: ChannelId
  /** The regions that the caller may see. */
  readonly regions: ReadonlySet<string>
}

export type Availability = {
  /** In the order asked for, without repeats. */
  readonly items: readonly SkuAvailability[]
  /** SKUs that no ERP knows at these locations. */
  readonly unknownSkus: readonly Sku[]
  /** SKUs that only an ERP which could not be asked may know. */
  readonly unansweredSkus: readonly Sku[]
  /** Some location could not be asked: quantities are what is known, a lower bound. */
  readonly incomplete: boolean
  /** What kept those locations from being asked. */
  readonly failures: readonly UpstreamFailure[]
}

export type AvailabilityDeps = { readonly stock: StockSource; readonly network: Network }

/**
 * Tells what may be sold of each SKU, from one batched read of the ERPs.
 *
 * @throws Problem `unknown-channel`, `unknown-location`, `region-not-allowed`
 * @throws UpstreamFailure when so little could be asked that nothing is known of any SKU
 */
export async function getAvailability(
  query: AvailabilityQuery,
  { stock, network }: AvailabilityDeps,
  call: ErpCall,
): Promise<Availability> {
  const rules = rulesFor(query.channel, network)
  const locations = locationsFor(query, network)
  const skus = [...new Set(query.skus)]
  const keys = skus.flatMap(sku => locations.map(location => ({ sku, location })))
  const { rows, failures } = await stock.readStock(keys, call)
  const known = new Map<string, ErpStock>(rows.map(row => [stockKeyText(row), row]))
  const failed = new Set(failures.flatMap(failure => failure.keys.map(stockKeyText)))

  const items: SkuAvailability[] = []
  const unknownSkus: Sku[] = []
  const unansweredSkus: Sku[] = []
  for (const sku of skus) {
    const held = locations.flatMap(location => known.get(stockKeyText({ sku, location })) ?? [])
    const unanswered = locations.filter(location => failed.has(stockKeyText({ sku, location })))
    const item = poolStock(sku, held, unanswered, rules)
    if (item) items.push(item)
    else if (unanswered.length) unansweredSkus.push(sku)
    else unknownSkus.push(sku)
  }
  if (!items.length && failures[0]) throw failures[0].failure
  return {
    items,
    unknownSkus,
    unansweredSkus,
    incomplete: failures.length > 0 || items.some(item => item.unanswered.length > 0),
    failures: failures.map(({ failure }) => failure),
  }
}

function rulesFor(channel: ChannelId | undefined, network: Network): StockRules {
  if (channel === undefined) return NO_RULES
  const rules = network.channels.get(channel)
  if (!rules) throw new Problem('unknown-channel', { detail: `There is no channel ${channel}.` })
  return rules
}

/** Whether a named location is open to the caller was decided by the gateway, with the policy's mode. */
function locationsFor(query: AvailabilityQuery, network: Network): readonly LocationId[] {
  if (query.locations) {
    const unknown = query.locations.filter(location => !network.locations.has(location))
    if (unknown.length)
      throw new Problem('unknown-location', { extensions: { locations: unknown } })
    return [...new Set(query.locations)]
  }
  const pool = query.channel && network.channels.get(query.channel)?.pool
  const visible = [...(pool ?? network.locations.keys())].filter(location =>
    query.regions.has(network.locations.get(location)?.region ?? ''),
  )
  if (!visible.length) {
    throw new Problem('region-not-allowed', {
      detail: 'None of the locations in question lies in a region that the caller may see.',
    })
  }
  return visible
}
