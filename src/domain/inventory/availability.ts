import type { LocationId, Sku } from '../../model/brand.ts'
import { addQuantities, flooredAtZero, type Quantity } from '../../model/quantity.ts'
import type { ErpStock } from '../../model/stock.ts'

/** The names are schema.org's (`ItemAvailability`), so that a page can print them as they are. */
export type AvailabilityTerm = 'InStock' | 'LimitedAvailability' | 'OutOfStock' | 'BackOrder'

export type LocationAvailability = {
  readonly location: LocationId
  readonly availability: AvailabilityTerm
  /** What may be sold: on hand, less the channel's buffer, never below zero. */
  readonly sellable: Quantity
  /** Until when the ERP is known to have had it so, epoch ms. */
  readonly snapshotAt: number
  /** It has outlived its time. */
  readonly isOverdue: boolean
}

export type SkuAvailability = {
  readonly sku: Sku
  readonly gtin: string | undefined
  readonly availability: AvailabilityTerm
  /** The sum over the locations that answered. */
  readonly sellable: Quantity
  readonly locations: readonly LocationAvailability[]
  /** Locations whose stock is not in the sum, because their ERP could not be asked: there may be more. */
  readonly unanswered: readonly LocationId[]
  /** The oldest snapshot in the sum, epoch ms. */
  readonly snapshotAt: number
  /** Some of it has outlived its time, and its ERP cannot be asked. */
  readonly isOverdue: boolean
  readonly nextSupply: ErpStock['nextSupply']
}

/** What a channel keeps back, and when it starts to call stock low; both in units of the article. */
export type StockRules = { readonly bufferUnits: number; readonly lowStockUnits: number }

/** For a question without a channel: what is there, as it is. */
export const NO_RULES: StockRules = { bufferUnits: 0, lowStockUnits: 0 }

/**
 * Pools one SKU's stock over locations. The buffer is taken, and the floor laid, per location before
 * the sum: a store in the red must not eat a warehouse's stock.
 *
 * Stock in another unit of measure than the first location's cannot be added to it, and counts as
 * unanswered.
 *
 * @param rows one per location that knows the SKU
 * @returns undefined when no location does
 */
export function poolStock(
  sku: Sku,
  rows: readonly ErpStock[],
  unanswered: readonly LocationId[],
  rules: StockRules,
): SkuAvailability | undefined {
  const [first] = rows
  if (!first) return undefined
  const { uom } = first.onHand
  const addable = rows.filter(row => row.onHand.uom === uom)
  const locations = addable.map(row => atLocation(row, rules))
  const sellable = sumOf(
    locations.map(location => location.sellable),
    uom,
  )
  const nextSupply = earliestSupply(addable, uom)
  return {
    sku,
    gtin: rows.find(row => row.gtin !== undefined)?.gtin,
    availability: termFor(sellable, nextSupply, rules),
    sellable,
    locations,
    unanswered: [
      ...unanswered,
      ...rows.filter(row => row.onHand.uom !== uom).map(row => row.location),
    ],
    snapshotAt: Math.min(...locations.map(location => location.snapshotAt)),
    isOverdue: locations.some(location => location.isOverdue),
    nextSupply,
  }
}

function atLocation(row: ErpStock, rules: StockRules): LocationAvailability {
  const { micros, uom } = row.onHand
  const sellable = flooredAtZero({ micros: micros - toMicros(rules.bufferUnits), uom })
  return {
    location: row.location,
    availability: termFor(sellable, row.nextSupply, rules),
    sellable,
    snapshotAt: row.verifiedAt ?? row.requestedAt,
    isOverdue: row.isOverdue === true,
  }
}

function termFor(
  sellable: Quantity,
  nextSupply: ErpStock['nextSupply'],
  rules: StockRules,
): AvailabilityTerm {
  if (sellable.micros <= 0n) return nextSupply ? 'BackOrder' : 'OutOfStock'
  return sellable.micros <= toMicros(rules.lowStockUnits) ? 'LimitedAvailability' : 'InStock'
}

/** The earliest date on which goods come, and how many come on it in all. */
function earliestSupply(rows: readonly ErpStock[], uom: string): ErpStock['nextSupply'] {
  const supplies = rows
    .flatMap(row => row.nextSupply ?? [])
    .filter(supply => supply.quantity.uom === uom)
  const date = supplies.map(supply => supply.date).sort()[0]
  if (date === undefined) return undefined
  const onThatDay = supplies.filter(supply => supply.date === date)
  return {
    date,
    quantity: sumOf(
      onThatDay.map(supply => supply.quantity),
      uom,
    ),
  }
}

const sumOf = (quantities: readonly Quantity[], uom: string): Quantity =>
  quantities.reduce(addQuantities, { micros: 0n, uom })

/** Policies may say `2.5` for goods sold by weight; six digits are all that a quantity has. */
const toMicros = (units: number): bigint => BigInt(Math.round(units * 1_000_000))
