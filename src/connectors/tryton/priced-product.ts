import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Sku } from '../../model/brand.ts'
import type { Decimal } from '../../model/money.ts'
import { garbled } from '../failures.ts'
import type { Exchange } from '../http-transport.ts'
import type { TrytonClient } from './client.ts'
import type { PriceList } from './reference-data.ts'
import { type TrytonSettings, UNTAXED_CATEGORY } from './settings.ts'
import { roundedDecimal, TrytonDecimal } from './values.ts'

const Unit = Type.Object({ id: Type.Integer(), symbol: Type.String() })
const Tax = Type.Object({
  name: Type.String(),
  type: Type.String(),
  rate: Type.Union([TrytonDecimal, Type.Null()]),
  childs: Type.Array(Type.Integer()),
})
const Product = Type.Object({
  id: Type.Integer(),
  code: Type.String(),
  list_price: Type.Union([TrytonDecimal, Type.Null()]),
  'default_uom.': Unit,
  'sale_uom.': Type.Union([Unit, Type.Null()]),
  'account_category.': Type.Union([
    Type.Object({ 'customer_taxes_used.': Type.Array(Tax) }),
    Type.Null(),
  ]),
})
export type PricedProduct = Static<typeof Product>
type Tax = Static<typeof Tax>
const Products = Compile(Type.Array(Product))

const FIELDS = [
  'code',
  'list_price',
  'default_uom.symbol',
  'sale_uom.symbol',
  ...['name', 'type', 'rate', 'childs'].map(
    field => `account_category.customer_taxes_used.${field}`,
  ),
]

/**
 * The products that a price can be asked for: those that are sold and have a list price. Without one a
 * price list's formula ends in an exception, and with it the call, for all the products in it.
 */
export async function readPricedProducts(
  skus: readonly Sku[],
  client: TrytonClient,
  exchange: Exchange,
): Promise<readonly PricedProduct[]> {
  const domain = [
    ['code', 'in', skus],
    ['salable', '=', true],
  ]
  const params = [domain, 0, null, null, FIELDS]
  const rows = await client.read('model.product.product.search_read', params, {}, exchange)
  if (!Products.Check(rows)) throw garbled('products of an unknown form', exchange)
  return rows.filter(row => row.list_price !== null)
}

/** The unit in which the price list counts, so that its thresholds need no conversion. */
export const pricingUnit = (product: PricedProduct, { unit }: PriceList): Static<typeof Unit> =>
  (unit === 'product_sale' ? product['sale_uom.'] : undefined) ?? product['default_uom.']

/**
 * Category and rate of what Tryton adds to a sale of the product by itself. Several taxes are added each
 * to the price, so their rates add up. What is not a plain percentage has no rate that we could tell.
 */
export function taxOf(
  product: PricedProduct,
  { taxCategories = {}, untaxedCategory = UNTAXED_CATEGORY }: TrytonSettings,
): { readonly taxCategory: string; readonly taxRate?: Decimal } {
  const taxes = product['account_category.']?.['customer_taxes_used.'] ?? []
  const names = taxes.map(({ name }) => taxCategories[name] ?? name)
  const taxCategory = names.length ? names.join(' + ') : untaxedCategory
  const rates = taxes.map(rateOf)
  if (rates.includes(undefined)) return { taxCategory }
  const digits = rates.reduce((sum: bigint, rate) => sum + (rate?.digits ?? 0n), 0n)
  return { taxCategory, taxRate: { digits, scale: RATE_DECIMALS } }
}

/** As many as Tryton keeps (account/tax.py). */
const RATE_DECIMALS = 10

const rateOf = ({ type, rate, childs }: Tax): Decimal | undefined =>
  type === 'percentage' && rate && childs.length === 0
    ? roundedDecimal(rate, RATE_DECIMALS)
    : undefined
