import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { garbled } from '../failures.ts'
import type { Exchange } from '../http-transport.ts'
import type { OdooClient } from './client.ts'
import { OdooId, OdooText } from './values.ts'

const Product = Type.Object({
  id: OdooId,
  default_code: Type.String(),
  barcode: OdooText,
  uom_id: Type.Tuple([OdooId, Type.String()]),
})
export type Product = Static<typeof Product>
const Products = Compile(Type.Array(Product))

/**
 * The products that codes name. Codes are not unique in Odoo: one that several products share names
 * none of them, since either's stock or price could be the wrong one. Archived products are left out.
 */
export async function readProducts(
  skus: readonly string[],
  client: OdooClient,
  exchange: Exchange,
): Promise<readonly Product[]> {
  const question = {
    model: 'product.product',
    method: 'search_read',
    args: [['domain', [['default_code', 'in', skus]]]],
    kwargs: { fields: ['id', 'default_code', 'barcode', 'uom_id'] },
  } as const
  const rows = await client.read(question, {}, exchange)
  if (!Products.Check(rows)) throw garbled('products of an unknown form', exchange)
  const byCode = Map.groupBy(rows, row => row.default_code)
  return [...byCode.values()].flatMap(same => (same.length === 1 ? same : []))
}
