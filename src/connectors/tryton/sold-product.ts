import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Sku } from '../../model/brand.ts'
import { failure, garbled } from '../failures.ts'
import type { Exchange } from '../http-transport.ts'
import type { TrytonClient } from './client.ts'
import { unitCode } from './units.ts'

const Product = Type.Object({
  id: Type.Integer(),
  code: Type.String(),
  'default_uom.': Type.Object({ id: Type.Integer(), symbol: Type.String() }),
})
const Products = Compile(Type.Array(Product))

/** A product and the unit that it is kept in, by Tryton's ids. */
export type ProductIds = { readonly product: number; readonly unit: number }
export type LineKey = { readonly sku: Sku; readonly uom: string }

/**
 * The products of lines, by SKU.
 *
 * @param units `settings.units`
 * @throws UpstreamFailure `rejected` when one is not there, or is kept in another unit
 */
export async function readProductIds(
  lines: readonly LineKey[],
  units: Readonly<Record<string, string>> | undefined,
  client: TrytonClient,
  exchange: Exchange,
): Promise<(sku: Sku) => ProductIds> {
  const skus = [...new Set(lines.map(({ sku }) => sku))]
  const params = [[['code', 'in', skus]], 0, null, null, ['code', 'default_uom.symbol']]
  const rows = await client.read('model.product.product.search_read', params, {}, exchange)
  if (!Products.Check(rows)) throw garbled('products of an unknown form', exchange)
  const bySku = new Map<string, Static<typeof Product>>(rows.map(row => [row.code, row]))
  for (const { sku, uom } of lines) {
    const product = bySku.get(sku)
    const kept = product && unitCode(product['default_uom.'].symbol, units)
    if (kept === uom) continue
    const what = product ? `product ${sku} is kept in ${kept}, not ${uom}` : `no product ${sku}`
    throw failure('rejected', what, exchange, { proxyError: 'http_request_denied' })
  }
  return sku => {
    const product = bySku.get(sku)
    if (!product) throw garbled(`no product ${sku}`, exchange)
    return { product: product.id, unit: product['default_uom.'].id }
  }
}
