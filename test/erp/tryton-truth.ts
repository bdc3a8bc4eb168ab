import type { RealTryton } from '../support/tryton.ts'
import type { PriceTruth, StockTruth, WriteBooks } from './suite/erp-under-test.ts'

/*
 * What Tryton says of itself, asked plainly: by ids, one warehouse, one price list and one quantity at a
 * time. Nothing here is shared with the connector.
 */

const UNITS: Readonly<Record<string, string>> = { u: 'EA', kg: 'KGM' }

type Product = { id: number; code: string; list_price: unknown; 'default_uom.': { symbol: string } }

async function goodsOf(tryton: RealTryton): Promise<Product[]> {
  const fields = ['code', 'list_price', 'default_uom.symbol']
  const domain = [['type', '=', 'goods']]
  return tryton.ask('model.product.product.search_read', [domain, 0, 60, [['id', 'ASC']], fields])
}

export const idOf = async (
  tryton: RealTryton,
  model: string,
  field: string,
  value: string,
): Promise<number> =>
  (await tryton.ask(`model.${model}.search`, [[[field, '=', value]], 0, 1, null]))[0]

/** On hand of up to 60 goods in each warehouse. */
export async function readStockTruth(tryton: RealTryton): Promise<StockTruth[]> {
  const goods = await goodsOf(tryton)
  const warehouses: { id: number; code: string }[] = await tryton.ask(
    'model.stock.location.search_read',
    [[['type', '=', 'warehouse']], 0, 3, null, ['code']],
  )
  const truth: StockTruth[] = []
  for (const { id, code } of warehouses) {
    const rows: { id: number; quantity: number }[] = await tryton.ask(
      'model.product.product.read',
      [goods.map(product => product.id), ['quantity']],
      { locations: [id], with_childs: true },
    )
    const quantities = new Map(rows.map(row => [row.id, row.quantity]))
    for (const product of goods) {
      truth.push({
        sku: product.code,
        location: code,
        onHand: String(quantities.get(product.id)),
        uom: UNITS[product['default_uom.'].symbol] ?? 'ZZ',
      })
    }
  }
  return truth
}

/** What a fifth of the goods cost, at and beside every threshold of the two lists. */
export async function readPriceTruth(tryton: RealTryton): Promise<PriceTruth[]> {
  const goods = (await goodsOf(tryton)).filter(product => product.list_price !== null)
  const sample = goods.filter((product, i) => i % 5 === 0 || !/^[A-Z]+-/.test(product.code))
  const currency = await idOf(tryton, 'currency.currency', 'code', 'USD')
  const truth: PriceTruth[] = []
  for (const { name, customerGroup, quantities } of [
    { name: 'Retail', customerGroup: undefined, quantities: [1, 9, 10, 1000] },
    { name: 'Partner', customerGroup: 'partner', quantities: [1, 23, 24] },
  ]) {
    const list = await idOf(tryton, 'product.price_list', 'name', name)
    for (const quantity of quantities) {
      const rows: { id: number; sale_price_uom: { decimal: string } }[] = await tryton.ask(
        'model.product.product.read',
        [sample.map(product => product.id), ['sale_price_uom']],
        { price_list: list, quantity, currency },
      )
      const prices = new Map(rows.map(row => [row.id, row.sale_price_uom.decimal]))
      for (const product of sample) {
        truth.push({
          sku: product.code,
          channel: 'web',
          currency: 'USD',
          ...(customerGroup && { customerGroup }),
          quantity: String(quantity),
          unitPrice: shortest(prices.get(product.id) ?? ''),
          uom: UNITS[product['default_uom.'].symbol] ?? 'ZZ',
          taxIncluded: false,
        })
      }
    }
  }
  return truth
}

/** `11.622000000000000` → `11.622` */
export const shortest = (decimal: string): string =>
  decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal

type Line = {
  quantity: number
  amount: { decimal: string }
  'product.': { code: string }
  moves: number[]
}
type SaleRow = {
  number: string
  state: string
  untaxed_amount: { decimal: string }
  lines: number[]
}
type MoveRow = { id: number; quantity: number; 'product.': { code: string } }

/** Its sales and shipments, as a clerk sees and handles them. */
export const writeBooks = (tryton: RealTryton): WriteBooks => ({
  channel: 'web',
  currency: 'USD',
  goods: ['TEE-M', 'TEE-L'].map(sku => ({ sku, location: 'DC-EAST', uom: 'EA' })),
  async orders(reference) {
    const sales: SaleRow[] = await tryton.ask('model.sale.sale.search_read', [
      [['reference', '=', reference]],
      0,
      null,
      null,
      ['number', 'state', 'untaxed_amount', 'lines'],
    ])
    return Promise.all(
      sales.map(async ({ number, state, untaxed_amount: net, lines: ids }) => {
        const fields = ['quantity', 'amount', 'product.code', 'moves']
        const lines: Line[] = await tryton.ask('model.sale.line.read', [ids, fields])
        const moves: { state: string }[] = await tryton.ask('model.stock.move.read', [
          lines.flatMap(line => line.moves),
          ['state'],
        ])
        const isCancelled = moves.every(move => move.state === 'cancelled')
        return {
          number,
          isCancelled: state === 'cancelled' || (state === 'done' && isCancelled),
          net: net.decimal,
          lines: ids
            .flatMap(id => lines.find(line => (line as unknown as { id: number }).id === id) ?? [])
            .map(line => ({ sku: line['product.'].code, quantity: line.quantity })),
        }
      }),
    )
  },
  async ship(number, parts) {
    const [sale] = await tryton.ask('model.sale.sale.search_read', [
      [['number', '=', number]],
      0,
      1,
      null,
      ['shipments'],
    ])
    const shipments: { id: number; 'inventory_moves.': MoveRow[] }[] = await tryton.ask(
      'model.stock.shipment.out.search_read',
      [
        [
          ['id', 'in', sale.shipments],
          ['state', '=', 'waiting'],
        ],
        0,
        null,
        null,
        ['inventory_moves.quantity', 'inventory_moves.product.code'],
      ],
    )
    for (const { id, 'inventory_moves.': moves } of shipments) {
      const changes = moves.map(move => {
        const part = parts.find(({ sku }) => sku === move['product.'].code)
        return part ? ['write', [move.id], { quantity: part.quantity }] : ['delete', [move.id]]
      })
      const shipment = 'model.stock.shipment.out'
      await tryton.ask(`${shipment}.write`, [[id], { inventory_moves: changes }])
      for (const button of ['assign_try', 'pick', 'pack', 'done']) {
        await tryton.ask(`${shipment}.${button}`, [[id]])
      }
    }
  },
})
