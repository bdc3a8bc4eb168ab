import Type from 'typebox'
import { Compile } from 'typebox/compile'
import {
  compareDecimals,
  currencyExponent,
  type Decimal,
  multiply,
  parseDecimal,
} from '../../model/money.ts'
import { garbled } from '../failures.ts'
import type { Exchange } from '../http-transport.ts'
import type { OdooClient } from './client.ts'
import type { Product } from './products.ts'
import type { PriceList } from './settings.ts'
import { OdooId, OdooNumber, rounded } from './values.ts'

export type LineQuestion = {
  readonly list: PriceList
  readonly date: string | undefined
  readonly products: readonly Product[]
  /** Quantities, rising. */
  readonly steps: readonly string[]
  /** Fraction digits of a unit price. */
  readonly decimals: number
  readonly company: number
}

export type PricedLine = {
  readonly product: Product
  readonly step: string
  readonly unitPrice: Decimal
}

const Onchange = Compile(
  Type.Object({
    value: Type.Object({
      order_line: Type.Array(
        Type.Tuple([
          Type.Literal('0'),
          Type.String(),
          Type.Object({ product_id: OdooId, price_unit: OdooNumber, price_total: OdooNumber }),
        ]),
      ),
    }),
  }),
)

/**
 * What an order would charge for each product at each step; nothing is stored.
 * `field_names` must be empty: with `order_line` in it the lines are not told back.
 *
 * @throws UpstreamFailure `garbled` also for a line whose total is below its unit price times quantity: a
 *   discount that Odoo shows apart from the unit price, which would then not be what is charged
 */
export async function readLinePrices(
  { list, date, products, steps, decimals, company }: LineQuestion,
  client: OdooClient,
  exchange: Exchange,
): Promise<readonly PricedLine[]> {
  const asked = products.flatMap(product => steps.map(step => ({ product, step })))
  const order = {
    partner_id: list.partner,
    pricelist_id: list.pricelist,
    company_id: company,
    ...(date !== undefined && { date_order: date }),
    order_line: asked.map(({ product, step }, i) => [
      0,
      `v${i}`,
      // Odoo's quantities are floats, so a float says what it will hear.
      { product_id: Number(product.id), product_uom_qty: Number(step) },
    ]),
  }
  const fields = { product_id: {}, product_uom_qty: {}, price_unit: {}, price_total: {} }
  const question = {
    model: 'sale.order',
    method: 'onchange',
    args: [
      ['ids', []],
      ['values', order],
      ['field_names', []],
      ['fields_spec', { order_line: { fields }, amount_total: {} }],
    ],
  } as const
  const answer = await client.read(question, {}, exchange)
  if (!Onchange.Check(answer)) throw garbled('an order of an unknown form', exchange)
  const told = new Map(answer.value.order_line.map(([, name, line]) => [name, line]))
  return asked.map(({ product, step }, i) => {
    const line = told.get(`v${i}`)
    if (line?.product_id !== product.id) throw garbled('lines other than asked for', exchange)
    const unitPrice = rounded(line.price_unit, decimals)
    // To within half a unit of the last digit for each piece, by which the unit price was rounded.
    const least = multiply({ ...unitPrice, digits: unitPrice.digits - 1n }, parseDecimal(step))
    const total = rounded(line.price_total, currencyExponent(list.currency))
    // A minor unit more, since of a small step's total little is left after rounding.
    const most = { ...total, digits: total.digits + 1n }
    if (unitPrice.digits > 0n && compareDecimals(most, least) < 0) {
      throw garbled(`${product.default_code}: a discount apart from its price`, exchange)
    }
    return { product, step, unitPrice }
  })
}
