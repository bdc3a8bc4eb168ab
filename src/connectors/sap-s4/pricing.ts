import type { Clock } from '../../kernel/clock.ts'
import { compareDecimals, type Decimal, parseDecimal } from '../../model/money.ts'
import type { ErpPrice, PriceKey } from '../../model/price.ts'
import type { PricingPort } from '../../ports/erp.ts'
import type { Exchange } from '../http-transport.ts'
import type { SapClient } from './client.ts'
import { type ListPrice, readListPrices } from './condition-records.ts'
import { type NetQuestion, readNetPrices, type SimulatedItem } from './net-prices.ts'
import { MATERIAL_LENGTH_MAX, type PriceChannel, type SapS4Settings } from './settings.ts'
import { dayAt, startOf } from './values.ts'

export type PricingDeps = {
  readonly client: SapClient
  readonly settings: SapS4Settings
  /** The ERP's: its dates are days there. */
  readonly timeZone: string
  readonly clock: Clock
}

type Row = Omit<ErpPrice, 'requestedAt'>
/** From `from` on the list price is another one, and so may the net price be. */
type Threshold = SimulatedItem & { readonly from: Decimal; readonly uom: string }

/**
 * List prices from condition records, or, for a channel with `netPrices`, what SAP would charge that
 * customer: at every threshold that the list price has, on the day that was asked for.
 */
export function createPricing(deps: PricingDeps): PricingPort {
  const { client, settings, clock } = deps
  return {
    readPrices: (keys, call) =>
      client.calls.run('pricing.readPrices', call, async exchange => {
        const requestedAt = clock.now()
        const askable = keys.filter(key => key.sku.length <= MATERIAL_LENGTH_MAX)
        const rows: Row[] = []
        // One after the other: a port call takes one work process of the ERP.
        for (const [name, asked] of Map.groupBy(askable, key => key.channel)) {
          const channel = settings.prices?.[name]
          if (channel) rows.push(...(await readChannel(channel, asked, deps, exchange)))
        }
        return rows.map(row => ({ ...row, requestedAt }))
      }),
  }
}

async function readChannel(
  channel: PriceChannel,
  keys: readonly PriceKey[],
  { client, settings, timeZone }: PricingDeps,
  exchange: Exchange,
): Promise<readonly Row[]> {
  const skus = [...new Set(keys.map(key => key.sku))]
  const from = dayAt(Math.min(...keys.map(key => key.at)), timeZone)
  const question = { channel, skus, from, timeZone }
  const list = Map.groupBy(
    await readListPrices(question, client, settings, exchange),
    price => price.sku,
  )
  const pricesOf = (key: PriceKey) =>
    (list.get(key.sku) ?? []).filter(price => price.currency === key.currency)
  if (channel.netPrices) {
    const net = { ...channel, netPrices: channel.netPrices }
    return readNet(net, keys, pricesOf, timeZone, client, exchange)
  }
  return keys.flatMap(key => pricesOf(key).flatMap(price => toRows(key, price, channel)))
}

const toRows = (key: PriceKey, price: ListPrice, channel: PriceChannel): readonly Row[] =>
  price.steps.map(({ from, unitPrice }) => ({
    ...taxOf(channel),
    sku: key.sku,
    channel: key.channel,
    currency: key.currency,
    unitPrice,
    per: price.per,
    uom: price.uom,
    minQuantity: from,
    validFrom: price.validFrom,
    ...(price.validTo !== undefined && { validTo: price.validTo }),
    sourceVersion: price.record,
  }))

const taxOf = ({ taxIncluded = false, taxCategory = 'STANDARD' }: PriceChannel) => ({
  taxIncluded,
  taxCategory,
})

/** One question for each customer and day; a threshold of nothing cannot be ordered, and is asked as one. */
async function readNet(
  channel: NetQuestion['channel'],
  keys: readonly PriceKey[],
  pricesOf: (key: PriceKey) => readonly ListPrice[],
  timeZone: string,
  client: SapClient,
  exchange: Exchange,
): Promise<readonly Row[]> {
  const groups = Map.groupBy(keys, key =>
    JSON.stringify([customerOf(key, channel), String(dayAt(key.at, timeZone)), key.currency]),
  )
  const rows: Row[] = []
  for (const members of groups.values()) {
    const [first] = members
    if (!first) continue
    const pricingDate = dayAt(first.at, timeZone)
    const bySku = new Map(members.map(key => [key.sku as string, key]))
    const items = [...bySku.values()].flatMap(key => itemsOf(pricesOf(key), key.at))
    if (!items.length) continue
    const { soldToParty, customerGroup } = customerOf(first, channel)
    const told = await readNetPrices({ channel, soldToParty, pricingDate, items }, client, exchange)
    for (const price of told) {
      const key = bySku.get(price.item.sku)
      if (!key || price.currency !== key.currency) continue
      rows.push({
        ...taxOf(channel),
        sku: key.sku,
        channel: key.channel,
        currency: key.currency,
        ...(customerGroup !== undefined && { customerGroup }),
        unitPrice: price.unitPrice,
        per: price.per,
        uom: price.item.uom,
        minQuantity: price.item.from,
        // What SAP says today it may say differently tomorrow.
        validFrom: startOf(pricingDate, timeZone),
        validTo: startOf(pricingDate.add({ days: 1 }), timeZone),
      })
    }
  }
  return rows
}

/** A customer group without a customer of its own pays what the channel's customer pays. */
function customerOf({ customerGroup }: PriceKey, { netPrices }: NetQuestion['channel']) {
  const own = customerGroup === undefined ? undefined : netPrices.customerGroups?.[customerGroup]
  return own === undefined
    ? { soldToParty: netPrices.soldToParty, customerGroup: undefined }
    : { soldToParty: own, customerGroup }
}

const ONE = parseDecimal('1')

const ZERO = parseDecimal('0')

/** The thresholds of the list price in force, each as an item. */
const itemsOf = (prices: readonly ListPrice[], at: number): readonly Threshold[] =>
  prices
    .filter(({ validFrom, validTo }) => validFrom <= at && at < (validTo ?? Infinity))
    .slice(0, 1)
    .flatMap(({ sku, unit, uom, steps }) =>
      steps.map(({ from }) => {
        const quantity = compareDecimals(from, ZERO) === 0 ? ONE : from
        return { sku, unit, uom, from, quantity }
      }),
    )
