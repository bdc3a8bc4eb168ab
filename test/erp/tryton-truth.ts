import type { RealTryton } from '../support/tryton.ts'
import type { PriceTruth, StockTruth } from './suite/erp-under-test.ts'

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
