/**
 * An amount of goods: a scaled integer and its unit of measure.
 *
 * @see UN/ECE Recommendation 20 for the unit codes (`EA`, `KGM`, `LTR`, …)
 */
export type Quantity = { readonly micros: bigint; readonly uom: string }

/** What travels on the wire: `{ value: "1.250", uom: "KGM" }`, at most six fraction digits. */
export type WireQuantity = { value: string; uom: string }

const SCALE = 6
const ONE = 1_000_000n
const FORM = /^(-?)(\d{1,15})(?:\.(\d{1,6}))?$/

/**
 * Reads a decimal string exactly, without passing through a floating-point number.
 *
 * @throws RangeError when it is not a decimal with at most 15 integer and 6 fraction digits, or
 *   when `EA`, a count of pieces, is not whole
 */
export function parseQuantity(value: string, uom: string): Quantity {
  const match = FORM.exec(value)
  if (!match) throw new RangeError(`not a quantity: ${JSON.stringify(value)}`)
  const [, sign, whole = '0', fraction = ''] = match
  const magnitude = BigInt(whole) * ONE + BigInt(fraction.padEnd(SCALE, '0'))
  const micros = sign ? -magnitude : magnitude
  if (uom === 'EA' && micros % ONE !== 0n) {
    throw new RangeError(`a count of pieces must be whole: ${value}`)
  }
  return { micros, uom }
}

/** The shortest exact decimal: `12`, `1.25`, `-0.5`. */
export function quantityText({ micros }: Quantity): string {
  const magnitude = micros < 0n ? -micros : micros
  const fraction = (magnitude % ONE).toString().padStart(SCALE, '0').replace(/0+$/, '')
  const text = `${magnitude / ONE}${fraction && `.${fraction}`}`
  return micros < 0n ? `-${text}` : text
}

export const toWireQuantity = (quantity: Quantity): WireQuantity => ({
  value: quantityText(quantity),
  uom: quantity.uom,
})

export const pieces = (count: number): Quantity => ({ micros: BigInt(count) * ONE, uom: 'EA' })

/** Whole units, rounded down: what a band such as `1-5` is decided by. */
export const wholeUnits = ({ micros }: Quantity): bigint =>
  micros >= 0n ? micros / ONE : -((-micros + ONE - 1n) / ONE)

/** @throws RangeError when the units differ: pieces and kilograms do not add up. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  if (a.uom !== b.uom) throw new RangeError(`cannot add ${b.uom} to ${a.uom}`)
  return { micros: a.micros + b.micros, uom: a.uom }
}

/** Never below zero: a negative store must not eat a warehouse's stock (pool arithmetic). */
export const flooredAtZero = (quantity: Quantity): Quantity =>
  quantity.micros < 0n ? { micros: 0n, uom: quantity.uom } : quantity
