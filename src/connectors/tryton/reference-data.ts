import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { garbled } from '../failures.ts'
import type { Shared } from '../shared.ts'
import type { TrytonClient } from './client.ts'

/** A table that is longer than this is not what we take it for. */
const ROWS_MAX = 10_000

const Coded = Compile(
  Type.Array(Type.Object({ id: Type.Integer(), code: Type.Union([Type.String(), Type.Null()]) })),
)
const Warehouses = Compile(
  Type.Array(
    Type.Object({
      code: Type.Union([Type.String(), Type.Null()]),
      storage_location: Type.Integer(),
      lost_found_location: Type.Union([Type.Integer(), Type.Null()]),
    }),
  ),
)
/** Where the goods of a warehouse lie, and where what is lost or found goes or comes from. */
export type Storage = { readonly storage: number; readonly lostFound: number | null }

const PriceList = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  tax_included: Type.Boolean(),
  /** What its quantities are counted in: the unit that goods are kept in, or the one they are sold in. */
  unit: Type.Enum(['product_default', 'product_sale']),
  'lines.': Type.Array(Type.Object({ quantity: Type.Union([Type.Number(), Type.Null()]) })),
})
const PriceLists = Compile(Type.Array(PriceList))
export type PriceList = Static<typeof PriceList>

/** Tryton's ids of what the policies call by code or name: they differ between databases. */
export type ReferenceData = {
  readonly warehouses: Shared<ReadonlyMap<string, number>>
  readonly storages: Shared<ReadonlyMap<string, Storage>>
  readonly currencies: Shared<ReadonlyMap<string, number>>
  readonly priceLists: Shared<ReadonlyMap<string, PriceList>>
}

export function createReferenceData(client: TrytonClient, ttlMs: number): ReferenceData {
  const idsByCode = (model: string, domain: readonly unknown[]) =>
    client.calls.shared(
      model,
      async exchange => {
        const params = [domain, 0, ROWS_MAX, null, ['code']]
        const rows = await client.read(`model.${model}.search_read`, params, {}, exchange)
        if (!Coded.Check(rows)) throw garbled('rows without id and code', exchange)
        return new Map(rows.flatMap(({ id, code }) => (code === null ? [] : [[code, id] as const])))
      },
      ttlMs,
    )
  return {
    warehouses: idsByCode('stock.location', [['type', '=', 'warehouse']]),
    storages: client.calls.shared(
      'stock.location',
      async exchange => {
        const domain = [['type', '=', 'warehouse']]
        const fields = ['code', 'storage_location', 'lost_found_location']
        const params = [domain, 0, ROWS_MAX, null, fields]
        const rows = await client.read('model.stock.location.search_read', params, {}, exchange)
        if (!Warehouses.Check(rows)) throw garbled('warehouses of an unknown form', exchange)
        return new Map(
          rows.flatMap(({ code, storage_location: storage, lost_found_location: lostFound }) =>
            code === null ? [] : [[code, { storage, lostFound }] as const],
          ),
        )
      },
      ttlMs,
    ),
    currencies: idsByCode('currency.currency', []),
    priceLists: client.calls.shared(
      'product.price_list',
      async exchange => {
        const fields = ['name', 'tax_included', 'unit', 'lines.quantity']
        const params = [[], 0, ROWS_MAX, null, fields]
        const rows = await client.read('model.product.price_list.search_read', params, {}, exchange)
        if (!PriceLists.Check(rows)) throw garbled('price lists of an unknown form', exchange)
        return new Map(rows.map(row => [row.name, row]))
      },
      ttlMs,
    ),
  }
}
