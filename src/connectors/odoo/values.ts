import Type from 'typebox'
import { type Decimal, decimalText, divideRounded } from '../../model/money.ts'
import { parseQuantity, type Quantity } from '../../model/quantity.ts'
import type { Unit } from './units.ts'

/*
 * How Odoo writes values. Numbers are the text that stood in the answer (declarative/exact-json.ts).
 * What is empty is `false`, never null; a reference is `[id, display name]`.
 */

export const OdooId = Type.String({ pattern: '^[1-9]\\d{0,14}$' })
export const OdooNumber = Type.String({ pattern: '^-?\\d+(\\.\\d+)?$' })
export const OdooText = Type.Union([Type.String(), Type.Literal(false)])

/** As much of a float as is free of its noise: 15 significant digits would be less than a big stock needs. */
const NOISE_FREE_DIGITS = 6

/** `YYYY-MM-DD HH:MM:SS`, UTC without a zone. */
export const datetimeText = (epochMs: number): string =>
  new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ')

/** A number rounded to a number of fraction digits, half away from zero as Odoo's `float_round`. */
export function rounded(number: string, fractionDigits: number): Decimal {
  const [whole = '0', fraction = ''] = number.split('.')
  const digits = BigInt(whole + fraction)
  const surplus = fraction.length - fractionDigits
  return {
    digits:
      surplus > 0
        ? divideRounded(digits, 10n ** BigInt(surplus), 'HALF_UP')
        : digits * 10n ** BigInt(-surplus),
    scale: fractionDigits,
  }
}

/**
 * A quantity at the precision of its unit. Pieces only lose the float's noise: half a piece is an error,
 * and rounding it up would sell what is not there.
 *
 * @throws RangeError for half a piece, or a figure beyond all measure
 */
export const toQuantity = (number: string, { code, decimals }: Unit): Quantity =>
  parseQuantity(decimalText(rounded(number, code === 'EA' ? NOISE_FREE_DIGITS : decimals)), code)
