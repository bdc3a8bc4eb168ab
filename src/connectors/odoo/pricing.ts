import type { Clock } from '../../kernel/clock.ts'
import { compareDecimals, currencyExponent, parseDecimal } from '../../model/money.ts'
import type { ErpPrice, PriceKey } from '../../model/price.ts'
import type { PricingPort } from '../../ports/erp.ts'
import type { Exchange } from '../http-transport.ts'
import type { OdooClient } from './client.ts'
import { type PricedLine, readLinePrices } from './line-prices.ts'
import { type Product, readProducts } from './products.ts'
import type { OdooSettings, PriceList } from './settings.ts'
import { unitOf } from './units.ts'
import { datetimeText } from './values.ts'

export type PricingDeps = {
  readonly client: OdooClient
  readonly settings: OdooSettings
  readonly clock: Clock
}

/** Keys that one unsaved order answers. */
type Group = {
  readonly list: PriceList
  /** The order's date, where it is not now. */
  readonly date: string | undefined
  readonly keys: PriceKey[]
}

const ONE = parseDecimal('1')
/** A price asked for an instant this near is asked for now. */
const NOW_MS = 60_000

/**
 * Prices as Odoo puts them on an order line: the lines of an order that is never saved, one call per
 * price list and day. Each SKU is asked for at every quantity of `priceSteps`.
 */
export function createPricing({ client, settings, clock }: PricingDeps): PricingPort {
  return {
    readPrices: (keys, call) =>
      client.calls.run('pricing.readPrices', call, async exchange => {
        const requestedAt = clock.now()
        const groups = groupsOf(keys, settings, requestedAt)
        if (!groups.length) return []
        const skus = new Set(groups.flatMap(group => group.keys.map(key => key.sku)))
        const products = await readProducts([...skus], client, exchange)
        const byCode = new Map(products.map(product => [product.default_code, product]))
        const rows = await Promise.all(
          groups.map(group => readGroup(group, byCode, client, settings, exchange)),
        )
        return rows.flat().map(row => ({ ...row, requestedAt }))
      }),
  }
}

/** A channel without a price list has no prices, nor has a currency that is not the list's. */
function groupsOf(
  keys: readonly PriceKey[],
  { priceLists }: OdooSettings,
  now: number,
): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const key of keys) {
    const list = own(priceLists?.channels, key.channel)
    const ofGroup = list && own(priceLists?.customerGroups, key.customerGroup)
    const chosen = ofGroup ?? list
    if (chosen?.currency !== key.currency) continue
    const date = Math.abs(key.at - now) < NOW_MS ? undefined : datetimeText(key.at)
    const id = JSON.stringify([chosen, date])
    const group = groups.get(id) ?? { list: chosen, date, keys: [] }
    groups.set(id, group)
    group.keys.push(key)
  }
  return [...groups.values()]
}

async function readGroup(
  { list, date, keys }: Group,
  byCode: ReadonlyMap<string, Product>,
  client: OdooClient,
  settings: OdooSettings,
  exchange: Exchange,
): Promise<readonly Omit<ErpPrice, 'requestedAt'>[]> {
  const products = [...new Set(keys.flatMap(key => byCode.get(key.sku) ?? []))]
  if (!products.length) return []
  const decimals = settings.priceDecimals ?? currencyExponent(list.currency)
  const steps = (settings.priceSteps ?? ['1']).toSorted((a, b) =>
    compareDecimals(parseDecimal(a), parseDecimal(b)),
  )
  const question = { list, date, products, steps, decimals, company: settings.company }
  const lines = Map.groupBy(await readLinePrices(question, client, exchange), line => line.product)
  return keys.flatMap(({ sku, channel, currency, customerGroup }) => {
    const product = byCode.get(sku)
    if (!product) return []
    const shared = {
      ...{ sku, channel, currency, per: ONE },
      ...(customerGroup !== undefined && { customerGroup }),
      uom: unitOf(product.uom_id[1], settings.units).code,
      taxIncluded: list.taxIncluded,
      taxCategory: list.taxCategory,
    }
    return changes(lines.get(product) ?? []).map(({ step, unitPrice }) => ({
      ...shared,
      unitPrice,
      minQuantity: parseDecimal(step),
    }))
  })
}

/** The steps at which the price is another than at the one before; a price of nothing is none. */
const changes = (lines: readonly PricedLine[]): readonly PricedLine[] =>
  lines.filter(
    ({ unitPrice }, i) =>
      unitPrice.digits > 0n &&
      compareDecimals(unitPrice, lines[i - 1]?.unitPrice ?? { digits: 0n, scale: 0 }) !== 0,
  )

const own = <T>(table: Readonly<Record<string, T>> | undefined, name: string | undefined) =>
  table && name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined
