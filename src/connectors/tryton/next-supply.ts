import Type from 'typebox'
import { Compile } from 'typebox/compile'
import type { Sku } from '../../model/brand.ts'
import { garbled } from '../failures.ts'
import type { Exchange } from '../http-transport.ts'
import type { TrytonClient } from './client.ts'
import { dateText, TrytonDate } from './values.ts'

/** Deliveries are read soonest first; beyond so many the later ones are not told. */
const DELIVERIES_MAX = 2_000

const Deliveries = Compile(
  Type.Array(
    Type.Object({
      planned_date: TrytonDate,
      /** In the unit that the goods are kept in, whatever the delivery says. */
      internal_quantity: Type.Number(),
      'product.': Type.Object({ code: Type.String() }),
      'to_location.': Type.Object({ warehouse: Type.Integer() }),
    }),
  ),
)

export type NextSupply = { readonly date: string; readonly quantity: number }
/** By warehouse, then by SKU. */
export type NextSupplies = ReadonlyMap<number, ReadonlyMap<string, NextSupply>>

export type SupplyQuestion = {
  readonly skus: readonly Sku[]
  readonly warehouses: readonly number[]
  readonly from: TrytonDate
}

/**
 * The next day on which goods are planned to come from a supplier or from production, and all that comes
 * on it. What is overdue is left out: nobody knows when it comes. So are transfers, which the place they
 * leave still counts.
 */
export async function readNextSupplies(
  { skus, warehouses, from }: SupplyQuestion,
  client: TrytonClient,
  exchange: Exchange,
): Promise<NextSupplies> {
  const domain = [
    ['state', 'in', ['draft', 'assigned']],
    ['from_location.type', 'in', ['supplier', 'production']],
    ['to_location', 'child_of', warehouses, 'parent'],
    ['planned_date', '>=', from],
    ['product.code', 'in', skus],
  ]
  const fields = ['planned_date', 'internal_quantity', 'product.code', 'to_location.warehouse']
  const params = [domain, 0, DELIVERIES_MAX, [['planned_date', 'ASC']], fields]
  const rows = await client.read('model.stock.move.search_read', params, {}, exchange)
  if (!Deliveries.Check(rows)) throw garbled('deliveries of an unknown form', exchange)

  const supplies = new Map<number, Map<string, NextSupply>>()
  for (const row of rows) {
    const { warehouse } = row['to_location.']
    const { code } = row['product.']
    const bySku = supplies.get(warehouse) ?? new Map<string, NextSupply>()
    supplies.set(warehouse, bySku)
    const date = dateText(row.planned_date)
    const first = bySku.get(code) ?? { date, quantity: 0 }
    if (first.date === date) {
      bySku.set(code, { date, quantity: first.quantity + row.internal_quantity })
    }
  }
  return supplies
}
