import type { Temporal } from 'temporal-polyfill'
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { UpstreamFailure } from '../../kernel/upstream-failure.ts'
import { type Decimal, decimalText, parseDecimal } from '../../model/money.ts'
import { garbled } from '../failures.ts'
import type { Exchange, HttpAnswer } from '../http-transport.ts'
import { resultOf } from './answer.ts'
import type { SapClient } from './client.ts'
import type { PriceChannel } from './settings.ts'
import { decimalOf, SapDecimal, sapDate } from './values.ts'

const SERVICE = 'API_SALES_ORDER_SIMULATION_SRV'

const Simulated = Compile(
  Type.Object({
    to_Item: Type.Object({
      results: Type.Array(
        Type.Object({
          Material: Type.String(),
          NetAmount: SapDecimal,
          TransactionCurrency: Type.String(),
        }),
      ),
    }),
  }),
)

/** A simulated order's item: so much of it, in SAP's unit. */
export type SimulatedItem = {
  readonly sku: string
  readonly quantity: Decimal
  readonly unit: string
}

/** What the customer pays per `per` of it when they buy that much. */
export type NetPrice<Item> = {
  readonly item: Item
  readonly unitPrice: Decimal
  readonly per: Decimal
  readonly currency: string
}

export type NetQuestion<Item extends SimulatedItem = SimulatedItem> = {
  readonly channel: PriceChannel & { netPrices: NonNullable<PriceChannel['netPrices']> }
  readonly soldToParty: string
  readonly pricingDate: Temporal.PlainDate
  readonly items: readonly Item[]
}

/**
 * What a customer really pays, with all discounts and surcharges: SAP prices an order that is not kept.
 * Each material stands once in an order, since some conditions count the quantities of all items.
 *
 * An order is refused for one material that cannot be sold. Its items are then asked one by one, and those
 * that are refused have no price; where all are, it is the order's fault, and told.
 */
export async function readNetPrices<Item extends SimulatedItem>(
  question: NetQuestion<Item>,
  client: SapClient,
  exchange: Exchange,
): Promise<readonly NetPrice<Item>[]> {
  const orders = ordersOf(question.items)
  const simulate = (all: readonly (readonly Item[])[]) =>
    client.batch(
      SERVICE,
      all.map(items => {
        const body = orderOf(question, items)
        return { method: 'POST', path: 'A_SalesOrderSimulation', body }
      }),
      exchange,
    )
  const answers = await simulate(orders)
  const outcomes = orders.map((items, i) => pricesOf(items, answers[i], exchange))
  const refused = orders.filter((items, i) => items.length > 1 && isRefused(outcomes[i]))
  const singles = refused.flat().map(item => [item])
  const retold = singles.length ? await simulate(singles) : []
  const all = [
    ...outcomes.filter((outcome, i) => !(isRefused(outcome) && (orders[i]?.length ?? 0) > 1)),
    ...singles.map((items, i) => pricesOf(items, retold[i], exchange)),
  ]
  const told = all.flatMap(outcome => (isRefused(outcome) ? [] : [outcome]))
  const [first] = all
  if (!told.length && isRefused(first)) throw first
  return told.flat()
}

/** The smallest quantity of each material in one order, the next one of each in another, … */
function ordersOf<Item extends SimulatedItem>(
  items: readonly Item[],
): readonly (readonly Item[])[] {
  const orders: Item[][] = []
  const taken = new Map<string, number>()
  for (const item of items) {
    const at = taken.get(item.sku) ?? 0
    taken.set(item.sku, at + 1)
    const order = orders[at] ?? []
    orders[at] = order
    order.push(item)
  }
  return orders
}

const orderOf = (
  { channel, soldToParty, pricingDate }: NetQuestion,
  items: readonly SimulatedItem[],
) => ({
  SalesOrderType: channel.netPrices.orderType ?? 'OR',
  SalesOrganization: channel.salesOrganization,
  DistributionChannel: channel.distributionChannel,
  OrganizationDivision: channel.netPrices.division,
  SoldToParty: soldToParty,
  PricingDate: sapDate(pricingDate),
  to_Pricing: {},
  to_Item: {
    results: items.map(({ sku, quantity, unit }) => ({
      Material: sku,
      RequestedQuantity: decimalText(quantity),
      RequestedQuantityUnit: unit,
    })),
  },
})

/** @throws UpstreamFailure for all but a business no, which is returned */
function pricesOf<Item extends SimulatedItem>(
  items: readonly Item[],
  answer: HttpAnswer | undefined,
  exchange: Exchange,
): readonly NetPrice<Item>[] | UpstreamFailure {
  try {
    if (!answer) throw garbled('a simulation without an answer', exchange)
    const order = resultOf(answer, exchange)
    if (!Simulated.Check(order)) throw garbled('a simulation of an unknown form', exchange)
    const rows = new Map(order.to_Item.results.map(row => [row.Material, row]))
    return items.flatMap(item => {
      const row = rows.get(item.sku)
      const amount = decimalOf(row?.NetAmount ?? '0')
      // Without a condition it costs nothing: that is no price.
      if (!row || amount.digits <= 0n) return []
      return [{ item, ...perUnit(amount, item.quantity), currency: row.TransactionCurrency }]
    })
  } catch (error) {
    if (isRefused(error)) return error
    throw error
  }
}

const isRefused = (outcome: unknown): outcome is UpstreamFailure =>
  outcome instanceof UpstreamFailure && outcome.kind === 'rejected'

const ONE = parseDecimal('1')
const MORE_DIGITS = 6

/** 19.90 for ten is 1.99 each; 10.00 for three stays 10.00 per three, since no decimal says it. */
function perUnit(amount: Decimal, quantity: Decimal): { unitPrice: Decimal; per: Decimal } {
  const digits = amount.digits * 10n ** BigInt(quantity.scale + MORE_DIGITS)
  return digits % quantity.digits === 0n
    ? {
        unitPrice: { digits: digits / quantity.digits, scale: amount.scale + MORE_DIGITS },
        per: ONE,
      }
    : { unitPrice: amount, per: quantity }
}
