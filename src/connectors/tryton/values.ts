import Type from 'typebox'
import { type Decimal, divideRounded } from '../../model/money.ts'

/*
 * How Tryton writes what JSON has no type for.
 * Source: trytond/protocols/jsonrpc.py, JSONEncoder.
 */

export const TrytonDecimal = Type.Object({
  __class__: Type.Literal('Decimal'),
  decimal: Type.String({ pattern: '^-?\\d+(\\.\\d+)?(E[+-]?\\d{1,2})?$' }),
})
export const TrytonDate = Type.Object({
  __class__: Type.Literal('date'),
  year: Type.Integer({ minimum: 1, maximum: 9999 }),
  month: Type.Integer({ minimum: 1, maximum: 12 }),
  day: Type.Integer({ minimum: 1, maximum: 31 }),
})
export type TrytonDecimal = Type.Static<typeof TrytonDecimal>
export type TrytonDate = Type.Static<typeof TrytonDate>

/** `2026-11-30` */
export const dateText = ({ year, month, day }: TrytonDate): string =>
  `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`

/** The calendar date of an instant in a place. */
export function toTrytonDate(epochMs: number, timeZone: string): TrytonDate {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  }).formatToParts(epochMs)
  const part = (type: string) => Number(parts.find(p => p.type === type)?.value)
  return { __class__: 'date', year: part('year'), month: part('month'), day: part('day') }
}

/** A decimal rounded to a number of fraction digits, half to even, as Python's `quantize` does. */
export function roundedDecimal({ decimal }: TrytonDecimal, fractionDigits: number): Decimal {
  const [mantissa = '0', exponent = '0'] = decimal.split('E')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const digits = BigInt(whole + fraction)
  const surplus = fraction.length - Number(exponent) - fractionDigits
  return {
    digits:
      surplus > 0
        ? divideRounded(digits, 10n ** BigInt(surplus), 'HALF_EVEN')
        : digits * 10n ** BigInt(-surplus),
    scale: fractionDigits,
  }
}
