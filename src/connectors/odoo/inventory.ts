import Type from 'typebox'
import { Compile } from 'typebox/compile'
import type { Clock } from '../../kernel/clock.ts'
import { asSku } from '../../model/brand.ts'
import type { ErpCapabilities } from '../../model/erp-connection.ts'
import { normalizeGtin } from '../../model/gtin.ts'
import type { ErpStock, StockKey } from '../../model/stock.ts'
import type { InventoryPort } from '../../ports/erp.ts'
import { garbled } from '../failures.ts'
import type { Exchange } from '../http-transport.ts'
import type { OdooClient } from './client.ts'
import { type Product, readProducts } from './products.ts'
import type { OdooSettings } from './settings.ts'
import { unitOf } from './units.ts'
import { OdooId, OdooNumber, toQuantity } from './values.ts'

const Figure = Type.Object({
  id: OdooId,
  /** The one of the two that was asked for. */
  qty_available: Type.Optional(OdooNumber),
  free_qty: Type.Optional(OdooNumber),
})
const Figures = Compile(Type.Array(Figure))

export type InventoryDeps = {
  readonly client: OdooClient
  readonly settings: OdooSettings
  readonly quantitySemantics: ErpCapabilities['quantitySemantics']
  readonly clock: Clock
}

type Place = OdooSettings['places'][string]

/**
 * Stock by product and place: the products by code, then one call per place, whatever the number of
 * SKUs. Odoo adds up lots and the locations within a place.
 *
 * `PHYSICAL` reads `qty_available`, what lies there; `NET_OF_ERP_ORDERS` reads `free_qty`, less what
 * Odoo's own orders have reserved.
 */
export function createInventory(deps: InventoryDeps): InventoryPort {
  const { client, settings, clock } = deps
  return {
    readStock: (keys, call) =>
      client.calls.run('inventory.readStock', call, async exchange => {
        const known = keys.filter(key => Object.hasOwn(settings.places, key.location))
        if (!known.length) return []
        const requestedAt = clock.now()
        const skus = [...new Set(known.map(key => key.sku))]
        const products = await readProducts(skus, client, exchange)
        const byCode = new Map(products.map(product => [product.default_code, product]))
        const places = [...Map.groupBy(known, key => key.location).values()]
        const rows = await Promise.all(
          places.map(asked => readPlace(asked, byCode, deps, exchange)),
        )
        return rows.flat().map(row => ({ ...row, requestedAt }))
      }),
  }
}

/** @param asked keys of one location */
async function readPlace(
  asked: readonly StockKey[],
  byCode: ReadonlyMap<string, Product>,
  { client, settings, quantitySemantics }: InventoryDeps,
  exchange: Exchange,
): Promise<readonly Omit<ErpStock, 'requestedAt'>[]> {
  const location = asked[0]?.location
  const place = location === undefined ? undefined : settings.places[location]
  const products = new Map(asked.flatMap(({ sku }) => entryOf(byCode.get(sku))))
  if (location === undefined || !place || !products.size) return []
  const field = quantitySemantics === 'PHYSICAL' ? 'qty_available' : 'free_qty'
  const question = {
    model: 'product.product',
    method: 'read',
    args: [['ids', [...products.keys()].map(Number)]],
    kwargs: { fields: [field] },
  } as const
  const figures = await client.read(question, contextOf(place), exchange)
  if (!Figures.Check(figures)) throw garbled('stock of an unknown form', exchange)
  return figures.flatMap(figure => {
    const product = products.get(figure.id)
    return product ? [{ ...toStock(product, figure[field], settings, exchange), location }] : []
  })
}

const entryOf = (product: Product | undefined): (readonly [string, Product])[] =>
  product ? [[product.id, product]] : []

/** `warehouse_id` since 19; before, `warehouse`. */
const contextOf = (place: Place): object =>
  'warehouse' in place ? { warehouse_id: place.warehouse } : { location: place.location }

/** @throws UpstreamFailure `garbled` for no figure, half a piece, or a figure beyond all measure */
function toStock(
  { default_code: sku, barcode, uom_id: [, unitName] }: Product,
  figure: string | undefined,
  { units }: OdooSettings,
  exchange: Exchange,
): Pick<ErpStock, 'sku' | 'onHand' | 'gtin'> {
  if (figure === undefined) throw garbled(`${sku}: no figure`, exchange)
  const gtin = barcode === false ? undefined : normalizeGtin(barcode)
  try {
    const onHand = toQuantity(figure, unitOf(unitName, units))
    return { sku: asSku(sku), onHand, ...(gtin !== undefined && { gtin }) }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw garbled(`${sku}: ${error.message}`, exchange)
  }
}
