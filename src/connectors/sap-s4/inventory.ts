import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Clock } from '../../kernel/clock.ts'
import { decimalText } from '../../model/money.ts'
import { addQuantities, parseQuantity, type Quantity } from '../../model/quantity.ts'
import type { StockKey } from '../../model/stock.ts'
import type { InventoryPort } from '../../ports/erp.ts'
import { garbled } from '../failures.ts'
import type { Exchange } from '../http-transport.ts'
import type { SapClient } from './client.ts'
import { filtersOf, literal } from './query.ts'
import { MATERIAL_LENGTH_MAX, MAX_FILTER_LENGTH, type SapS4Settings } from './settings.ts'
import { unitCode } from './units.ts'
import { decimalOf, SapDecimal, SapText } from './values.ts'

const StockRow = Type.Object({
  Material: Type.String(),
  StorageLocation: SapText,
  InventorySpecialStockType: SapText,
  MatlWrhsStkQtyInMatlBaseUnit: SapDecimal,
  MaterialBaseUnit: Type.String(),
})
type StockRow = Static<typeof StockRow>
const StockRows = Compile(Type.Array(StockRow))
const PlantRows = Compile(
  Type.Array(Type.Object({ Product: Type.String(), BaseUnit: Type.String() })),
)

export type InventoryDeps = {
  readonly client: SapClient
  readonly settings: SapS4Settings
  readonly clock: Clock
}

/** All that is asked about one plant. */
type Place = { readonly plant: string; readonly keys: readonly StockKey[] }
/** What is asked of one entity set about a place. */
type Question = {
  readonly service: string
  readonly set: string
  readonly material: 'Material' | 'Product'
  /** What the filter asks for besides the materials and the plant. */
  readonly rest: string
  readonly select: readonly string[]
}

const STOCK: Question = {
  service: 'API_MATERIAL_STOCK_SRV',
  set: 'A_MatlStkInAcctMod',
  material: 'Material',
  // Unrestricted use; 02 is in inspection, 07 blocked.
  rest: " and InventoryStockType eq '01'",
  select: Object.keys(StockRow.properties),
}
const PLANTS: Question = {
  service: 'API_PRODUCT_SRV',
  set: 'A_ProductPlant',
  material: 'Product',
  rest: '',
  select: ['Product', 'BaseUnit'],
}

/**
 * Physical stock for unrestricted use, summed over batches and storage locations: what customers or
 * suppliers own, what is kept for an order, and what is under inspection or blocked is left out. Open
 * orders are not deducted.
 *
 * A material that has no stock has no rows either. What is missing is therefore looked up among the
 * materials of the plant: those are sold out, the rest is unknown.
 */
export function createInventory(deps: InventoryDeps): InventoryPort {
  const { client, settings, clock } = deps
  return {
    readStock: (keys, call) =>
      client.calls.run('inventory.readStock', call, async exchange => {
        const requestedAt = clock.now()
        const places = placesOf(keys, settings)
        const stock = await readPlaces(places, STOCK, StockRows, deps, exchange)
        const told = places.flatMap((place, i) =>
          toStock(place, stock[i] ?? [], settings, exchange),
        )
        const known = new Set(told.map(row => row.key))
        const unsure = places.flatMap(({ plant, keys: asked }) => {
          const missing = asked.filter(key => !known.has(key))
          return missing.length ? [{ plant, keys: missing }] : []
        })
        const stocked = await readPlaces(unsure, PLANTS, PlantRows, deps, exchange)
        const soldOut = unsure.flatMap((place, i) => toZeros(place, stocked[i] ?? [], settings))
        return [...told, ...soldOut].map(({ key, onHand }) => ({ ...key, onHand, requestedAt }))
      }),
  }
}

type Told = { readonly key: StockKey; readonly onHand: Quantity }

/** What is longer than any material number would be refused, and all that is asked with it. */
function placesOf(keys: readonly StockKey[], settings: SapS4Settings): readonly Place[] {
  const askable = keys.filter(key => key.sku.length <= MATERIAL_LENGTH_MAX)
  return [...Map.groupBy(askable, ({ location }) => plantOf(location, settings).plant)].map(
    ([plant, asked]) => ({ plant, keys: asked }),
  )
}

const plantOf = (location: string, { plants }: SapS4Settings) =>
  plants?.[location] ?? { plant: location, storageLocations: undefined }

/** The rows of each place, in the order of the places. */
async function readPlaces<R>(
  places: readonly Place[],
  { service, set, material, rest, select }: Question,
  form: { Check(value: unknown): value is R[] },
  { client, settings }: InventoryDeps,
  exchange: Exchange,
): Promise<readonly (readonly R[])[]> {
  const maxLength = settings.maxFilterLength ?? MAX_FILTER_LENGTH
  const questions = places.flatMap(({ plant, keys }, place) => {
    const skus = [...new Set(keys.map(key => key.sku))]
    const filters = filtersOf(material, skus, ` and Plant eq ${literal(plant)}${rest}`, maxLength)
    return filters.map(filter => ({ place, query: { set, filter, select } }))
  })
  if (!questions.length) return []
  const queries = questions.map(question => question.query)
  const answers = await client.read(service, queries, exchange)
  return places.map((_, place) => {
    const rows = answers.filter((_, i) => questions[i]?.place === place).flat()
    if (!form.Check(rows)) throw garbled(`${set}: rows of an unknown form`, exchange)
    return rows
  })
}

/** @throws UpstreamFailure `garbled` for half a piece, or a figure beyond all measure */
function toStock(
  { keys }: Place,
  rows: readonly StockRow[],
  settings: SapS4Settings,
  exchange: Exchange,
): readonly Told[] {
  const own = rows.filter(row => !row.InventorySpecialStockType)
  // By the exact number: SAP may answer 4711 when it is asked for 0004711.
  const byMaterial = Map.groupBy(own, row => row.Material)
  return keys.flatMap(key => {
    const { storageLocations } = plantOf(key.location, settings)
    const there = byMaterial
      .get(key.sku)
      ?.filter(({ StorageLocation }) => storageLocations?.includes(StorageLocation ?? '') ?? true)
    const [first, ...others] = (there ?? []).map(row => toQuantity(row, settings, exchange))
    return first ? [{ key, onHand: others.reduce(addQuantities, first) }] : []
  })
}

function toQuantity(row: StockRow, { units }: SapS4Settings, exchange: Exchange): Quantity {
  const { Material, MatlWrhsStkQtyInMatlBaseUnit, MaterialBaseUnit } = row
  try {
    const exact = decimalText(decimalOf(MatlWrhsStkQtyInMatlBaseUnit))
    return parseQuantity(exact, unitCode(MaterialBaseUnit, units))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw garbled(`${Material}: ${error.message}`, exchange)
  }
}

function toZeros(
  { keys }: Place,
  rows: readonly { readonly Product: string; readonly BaseUnit: string }[],
  { units }: SapS4Settings,
): readonly Told[] {
  const unitOf = new Map(rows.map(row => [row.Product, row.BaseUnit]))
  return keys.flatMap(key => {
    const unit = unitOf.get(key.sku)
    return unit === undefined ? [] : [{ key, onHand: parseQuantity('0', unitCode(unit, units)) }]
  })
}
