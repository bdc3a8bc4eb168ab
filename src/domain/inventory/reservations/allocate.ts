import type { LocationId, Sku } from '../../../model/brand.ts'
import { availableToPromise, type StockCounter } from '../../../model/stock-counter.ts'

/** A line to be reserved; quantities in micros of its unit. */
export type LineRequest = {
  readonly lineId: string
  readonly sku: Sku
  readonly quantity: bigint
  readonly uom: string
  /** Only there; absent means anywhere in the pool. */
  readonly location?: LocationId
}

export type AllocatedPart = {
  readonly lineId: string
  readonly sku: Sku
  readonly location: LocationId
  readonly uom: string
  readonly quantity: bigint
}

/** A line that cannot be reserved; `available` is what is left for it, in micros. */
export type ShortLine = {
  readonly lineId: string
  readonly sku: Sku
  readonly uom: string
  readonly requested: bigint
  readonly available: bigint
  /** Other locations of the pool that could fill it. */
  readonly alternatives: readonly LocationId[]
}

export type AllocationResult = {
  readonly parts: readonly AllocatedPart[]
  readonly short: readonly ShortLine[]
}

/**
 * Finds stock for lines. What one line takes the next no longer finds, so that two lines of one SKU are
 * held to what there is for both. A line goes to the first location that has all of it, else it is split
 * over the pool in its order. A location in the red counts as empty: it does not eat another's stock.
 *
 * @param counters what is known of the keys in question, locked
 * @param bufferMicros kept back from the channel at each location
 */
export function allocate(
  lines: readonly LineRequest[],
  pool: readonly LocationId[],
  counters: readonly StockCounter[],
  bufferMicros: bigint,
): AllocationResult {
  const left = new Map(
    counters.map(counter => [
      `${counter.sku}\n${counter.location}\n${counter.uom}`,
      availableToPromise(counter) - bufferMicros,
    ]),
  )
  const keyOf = ({ sku, uom }: LineRequest, location: LocationId) => `${sku}\n${location}\n${uom}`
  const at = (line: LineRequest, location: LocationId): bigint => {
    const amount = left.get(keyOf(line, location)) ?? 0n
    return amount > 0n ? amount : 0n
  }
  const parts: AllocatedPart[] = []
  const short: ShortLine[] = []
  for (const line of lines) {
    const places = line.location ? [line.location] : pool
    const taken = takeFrom(line, places, at)
    if (taken) {
      for (const { location, quantity } of taken) {
        const { lineId, sku, uom } = line
        parts.push({ lineId, sku, location, uom, quantity })
        const key = keyOf(line, location)
        left.set(key, (left.get(key) ?? 0n) - quantity)
      }
      continue
    }
    short.push({
      lineId: line.lineId,
      sku: line.sku,
      uom: line.uom,
      requested: line.quantity,
      available: places.reduce((sum, location) => sum + at(line, location), 0n),
      alternatives: pool.filter(
        location => !places.includes(location) && at(line, location) >= line.quantity,
      ),
    })
  }
  return { parts, short }
}

function takeFrom(
  line: LineRequest,
  places: readonly LocationId[],
  at: (line: LineRequest, location: LocationId) => bigint,
): readonly { location: LocationId; quantity: bigint }[] | undefined {
  const whole = places.find(location => at(line, location) >= line.quantity)
  if (whole !== undefined) return [{ location: whole, quantity: line.quantity }]
  const taken: { location: LocationId; quantity: bigint }[] = []
  let missing = line.quantity
  for (const location of places) {
    if (missing === 0n) break
    // Pieces are not divided: what is left of them at a location is whole.
    const available = wholeOf(at(line, location), line.uom)
    const quantity = available < missing ? available : missing
    if (quantity > 0n) taken.push({ location, quantity })
    missing -= quantity
  }
  return missing === 0n ? taken : undefined
}

const ONE = 1_000_000n
const wholeOf = (micros: bigint, uom: string): bigint =>
  uom === 'EA' ? micros - (micros % ONE) : micros
