import type { Clock } from '../../kernel/clock.ts'
import { parseDecimal } from '../../model/money.ts'
import type { ErpPrice, PriceKey } from '../../model/price.ts'
import type { PricingPort } from '../../ports/erp.ts'
import { misconfigured } from '../failures.ts'
import type { Exchange } from '../http-transport.ts'
import type { TrytonClient } from './client.ts'
import { readSteps, type StepsQuestion } from './price-steps.ts'
import { type PricedProduct, readPricedProducts, taxOf } from './priced-product.ts'
import type { ReferenceData } from './reference-data.ts'
import type { TrytonSettings } from './settings.ts'
import { toTrytonDate } from './values.ts'

export type PricingDeps = {
  readonly client: TrytonClient
  readonly reference: ReferenceData
  readonly settings: TrytonSettings
  /** The ERP's: tells the day of an exchange rate. */
  readonly timeZone: string
  /** The company's, ISO 4217: prices in it need no exchange rate. */
  readonly baseCurrency: string
  readonly clock: Clock
}

/** Keys that one price list answers, in one currency and on one day. */
type Group = Omit<StepsQuestion, 'products'> & { readonly keys: readonly PriceKey[] }

const ONE = parseDecimal('1')

/**
 * Prices as Tryton itself computes them: one call per price list, unit, and threshold quantity of the list.
 * They are rounded to the digits to which it rounds the unit price of a sale line, since that is what it
 * will charge. Its price lists know no dates in 6.0, so a price has no validity of its own.
 */
export function createPricing(deps: PricingDeps): PricingPort {
  const { client, clock } = deps
  return {
    readPrices: (keys, call) =>
      client.calls.run('pricing.readPrices', call, async exchange => {
        const requestedAt = clock.now()
        const groups = await groupsOf(keys, deps, exchange)
        if (!groups.length) return []
        const skus = new Set(groups.flatMap(group => group.keys.map(key => key.sku)))
        const products = await readPricedProducts([...skus], client, exchange)
        const byCode = new Map(products.map(product => [product.code, product]))
        const rows = await Promise.all(
          groups.map(group => readGroup(group, byCode, deps, exchange)),
        )
        return rows.flat().map(row => ({ ...row, requestedAt }))
      }),
  }
}

/** A channel without a price list has no prices, and so has a currency that Tryton does not know. */
async function groupsOf(
  keys: readonly PriceKey[],
  { reference, settings, baseCurrency, timeZone }: PricingDeps,
  exchange: Exchange,
): Promise<readonly Group[]> {
  const [lists, currencies] = await Promise.all([
    reference.priceLists.get(exchange.signal),
    reference.currencies.get(exchange.signal),
  ])
  const groups = new Map<string, Group & { keys: PriceKey[] }>()
  for (const key of keys) {
    const name = groupListOf(key, settings) ?? settings.priceLists?.channels[key.channel]
    const currency = currencies.get(key.currency)
    if (name === undefined || currency === undefined) continue
    const list = lists.get(name)
    if (!list) throw misconfigured(`there is no price list "${name}"`, exchange)
    const rateDate = key.currency === baseCurrency ? undefined : toTrytonDate(key.at, timeZone)
    const id = JSON.stringify([list.id, currency, rateDate])
    const group = groups.get(id) ?? { list, currency, rateDate, keys: [] }
    groups.set(id, group)
    group.keys.push(key)
  }
  return [...groups.values()]
}

/** The price list of the customer group that was asked for, where it has one of its own. */
const groupListOf = (
  { customerGroup }: PriceKey,
  { priceLists }: TrytonSettings,
): string | undefined =>
  customerGroup === undefined ? undefined : priceLists?.customerGroups?.[customerGroup]

async function readGroup(
  group: Group,
  byCode: ReadonlyMap<string, PricedProduct>,
  { client, settings }: PricingDeps,
  exchange: Exchange,
): Promise<readonly Omit<ErpPrice, 'requestedAt'>[]> {
  const skus = new Set(group.keys.map(key => key.sku))
  const products = [...skus].flatMap(sku => byCode.get(sku) ?? [])
  const steps = await readSteps({ ...group, products }, client, settings, exchange)
  return group.keys.flatMap(key => {
    const { sku, channel, currency, customerGroup } = key
    const product = byCode.get(sku)
    if (!product) return []
    const ofGroup = groupListOf(key, settings) !== undefined && customerGroup !== undefined
    return (steps.get(product.id) ?? []).map(({ from, uom, unitPrice }) => ({
      sku,
      channel,
      currency,
      ...(ofGroup && { customerGroup }),
      unitPrice,
      per: ONE,
      uom,
      minQuantity: from,
      taxIncluded: group.list.tax_included,
      ...taxOf(product, settings),
      sourceVersion: group.list.name,
    }))
  })
}
