import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { compareDecimals, type Decimal, parseDecimal } from '../../model/money.ts'
import { garbled } from '../failures.ts'
import type { Exchange } from '../http-transport.ts'
import type { TrytonClient } from './client.ts'
import { type PricedProduct, pricingUnit } from './priced-product.ts'
import type { PriceList } from './reference-data.ts'
import { PRICE_DECIMALS, type TrytonSettings } from './settings.ts'
import { unitCode } from './units.ts'
import { roundedDecimal, type TrytonDate, TrytonDecimal } from './values.ts'

const Prices = Compile(
  Type.Array(
    Type.Object({ id: Type.Integer(), sale_price_uom: Type.Union([TrytonDecimal, Type.Null()]) }),
  ),
)

/** From `from` on, in `uom`, one pays `unitPrice`. */
export type PriceStep = {
  readonly from: Decimal
  readonly uom: string
  readonly unitPrice: Decimal
}

export type StepsQuestion = {
  readonly products: readonly PricedProduct[]
  readonly list: PriceList
  /** Tryton's id. */
  readonly currency: number
  /** The day whose exchange rate counts, for a currency that is not the company's. */
  readonly rateDate: TrytonDate | undefined
}

/**
 * What a price list makes of each product's price, quantity by quantity: it is asked at every threshold
 * that one of its lines has, and where a product's price changes there is a step.
 *
 * @returns steps by the product's id, lowest first
 */
export async function readSteps(
  question: StepsQuestion,
  client: TrytonClient,
  settings: TrytonSettings,
  exchange: Exchange,
): Promise<ReadonlyMap<number, readonly PriceStep[]>> {
  const { products, list } = question
  const byUnit = Map.groupBy(products, product => pricingUnit(product, list).id)
  const answers = await Promise.all(
    [...byUnit].flatMap(([unit, members]) => {
      const [first] = members
      if (!first) return []
      const uom = unitCode(pricingUnit(first, list).symbol, settings.units)
      const ids = members.map(product => product.id)
      return thresholdsOf(list, uom).map(async from => ({
        from: parseDecimal(from.toFixed(6)),
        uom,
        prices: await readPrices(ids, unit, from, question, client, exchange),
      }))
    }),
  )
  const steps = new Map<number, PriceStep[]>()
  for (const { from, uom, prices } of answers) {
    for (const { id, sale_price_uom } of prices) {
      if (sale_price_uom === null) continue
      const unitPrice = roundedDecimal(sale_price_uom, settings.priceDecimals ?? PRICE_DECIMALS)
      const own = steps.get(id) ?? []
      steps.set(id, own)
      const before = own.at(-1)
      if (before && compareDecimals(before.unitPrice, unitPrice) === 0) continue
      own.push({ from, uom, unitPrice })
    }
  }
  return steps
}

/** Lowest first. Pieces are sold from one on and are whole; what is weighed or measured, from any amount on. */
function thresholdsOf(list: PriceList, uom: string): readonly number[] {
  const smallest = uom === 'EA' ? 1 : 0
  const own = list['lines.'].map(({ quantity }) => quantity ?? 0)
  const reached = own.map(quantity => (uom === 'EA' ? Math.ceil(quantity) : quantity))
  const later = reached.filter(quantity => quantity > smallest)
  return [smallest, ...new Set(later.toSorted((a, b) => a - b))]
}

async function readPrices(
  ids: readonly number[],
  uom: number,
  quantity: number,
  { list, currency, rateDate }: StepsQuestion,
  client: TrytonClient,
  exchange: Exchange,
) {
  const context = {
    price_list: list.id,
    uom,
    quantity,
    currency,
    ...(rateDate && { sale_date: rateDate }),
  }
  const params = [[['id', 'in', ids]], 0, null, null, ['sale_price_uom']]
  const rows = await client.read('model.product.product.search_read', params, context, exchange)
  if (!Prices.Check(rows)) throw garbled('prices of an unknown form', exchange)
  return rows
}
