import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { asLocationId, asSku } from '../../model/brand.ts'
import type { ErpOrder } from '../../model/order.ts'
import { garbled } from '../failures.ts'
import type { Exchange } from '../http-transport.ts'
import type { TrytonClient } from './client.ts'

const Stated = Type.Object({ id: Type.Integer(), state: Type.String() })
const Move = Type.Object({
  id: Type.Integer(),
  state: Type.String(),
  /** In the unit that the goods are kept in. */
  internal_quantity: Type.Number(),
})
const Sale = Type.Object({
  id: Type.Integer(),
  number: Type.Union([Type.String(), Type.Null()]),
  reference: Type.String(),
  state: Type.String(),
  shipment_state: Type.String(),
  invoice_state: Type.String(),
  'warehouse.': Type.Union([Type.Object({ code: Type.String() }), Type.Null()]),
  'lines.': Type.Array(
    Type.Object({
      quantity: Type.Union([Type.Number(), Type.Null()]),
      'product.': Type.Union([
        Type.Object({ code: Type.String(), type: Type.String() }),
        Type.Null(),
      ]),
      'moves.': Type.Array(Move),
    }),
  ),
  'shipments.': Type.Array(Stated),
  'invoices.': Type.Array(Stated),
})
export type Sale = Static<typeof Sale>
const Sales = Compile(Type.Array(Sale))

const FIELDS = [
  'number',
  'reference',
  'state',
  'shipment_state',
  'invoice_state',
  'warehouse.code',
  'lines.quantity',
  'lines.product.code',
  'lines.product.type',
  'lines.moves.state',
  'lines.moves.internal_quantity',
  'shipments.state',
  'invoices.state',
]

/**
 * The sale that bears our reference. Cancelled ones count only where there is no other: somebody there may have
 * cancelled one and made another. Returns have the reference of their sale, but an origin.
 */
export async function findSale(
  reference: string,
  client: TrytonClient,
  exchange: Exchange,
): Promise<Sale | undefined> {
  const domain = [
    ['reference', '=', reference],
    ['origin', '=', null],
  ]
  const params = [domain, 0, 10, null, FIELDS]
  const rows = await client.read('model.sale.sale.search_read', params, {}, exchange)
  if (!Sales.Check(rows)) throw garbled('sales of an unknown form', exchange)
  const live = rows.filter(({ state }) => state !== 'cancelled')
  if (live.length > 1) throw garbled(`${live.length} sales bear our reference`, exchange)
  return live[0] ?? rows[0]
}

/** @param locations ours, by the code of the warehouse; one without has the code as its name */
export function toErpOrder(sale: Sale, locations: ReadonlyMap<string, string>): ErpOrder {
  const { code = '' } = sale['warehouse.'] ?? {}
  const location = asLocationId(locations.get(code) ?? code)
  const shipped = new Map<string, bigint>()
  for (const { 'product.': product, 'moves.': moves } of sale['lines.']) {
    if (!product) continue
    const left = moves
      .filter(isDone)
      .reduce((sum, move) => sum + micros(move.internal_quantity), 0n)
    if (left > 0n) shipped.set(product.code, (shipped.get(product.code) ?? 0n) + left)
  }
  return {
    number: sale.number ?? `id ${sale.id}`,
    reference: sale.reference,
    state: stateOf(sale),
    seq: undefined,
    shipped: [...shipped].map(([sku, quantity]) => ({ sku: asSku(sku), location, quantity })),
  }
}

export const isDone = ({ state }: { readonly state: string }): boolean => state === 'done'
export const isCancelled = ({ state }: { readonly state: string }): boolean => state === 'cancelled'
export const isPosted = ({ state }: { readonly state: string }): boolean =>
  state === 'posted' || state === 'paid'

/**
 * Tryton calls a sale of which all was cancelled after it had been processed `done`, as if it had been sent: only
 * its moves tell.
 */
function stateOf(sale: Sale): ErpOrder['state'] {
  if (isCancelled(sale)) return 'CANCELLED'
  if (sale.state !== 'processing' && sale.state !== 'done') return 'DRAFT'
  const goods = sale['lines.'].filter(line => line['product.']?.type === 'goods')
  const moves = goods.flatMap(line => line['moves.'])
  const isOver = sale.state === 'done'
  if (isOver && moves.length > 0 && moves.every(isCancelled)) return 'CANCELLED'
  const hasLeft = goods.every(
    line =>
      line['moves.'].filter(isDone).reduce((sum, move) => sum + move.internal_quantity, 0) >=
      (line.quantity ?? 0),
  )
  if (!hasLeft && !isOver) return 'OPEN'
  const invoices = sale['invoices.'].filter(invoice => !isCancelled(invoice))
  return invoices.length > 0 && invoices.every(isPosted) ? 'INVOICED' : 'SHIPPED'
}

/** Tryton keeps quantities as floats, rounded to the unit; six digits are more than any unit has. */
const micros = (quantity: number): bigint => BigInt(Math.round(quantity * 1_000_000))
