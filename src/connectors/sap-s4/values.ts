import Type from 'typebox'
import type { Decimal } from '../../model/money.ts'

/*
 * How OData V2 writes what JSON has no type for.
 * Source: https://www.odata.org/documentation/odata-version-2-0/json-format/ section 4
 */

/** Edm.Decimal: always text. A JSON number is no decimal and is refused: it has been a float. */
export const SapDecimal = Type.String({ pattern: '^-?\\d{1,31}(\\.\\d{1,14})?$' })
/** Edm.DateTime without an offset: midnight of a calendar date, in milliseconds as if it were UTC. */
export const SapDate = Type.String({ pattern: '^/Date\\(-?\\d{1,15}\\)/$' })
/** Texts that are not filled are empty or null, according to the release. */
export const SapText = Type.Union([Type.String(), Type.Null()])

/** Exact, and without the zeros that SAP pads to the field's scale. */
export function decimalOf(text: string): Decimal {
  const [whole = '0', padded = ''] = text.split('.')
  const fraction = padded.replace(/0+$/, '')
  return { digits: BigInt(whole + fraction), scale: fraction.length }
}

/** `2026-11-30` */
export const dateOf = (text: string): string =>
  new Date(Number(text.slice('/Date('.length, -')/'.length))).toISOString().slice(0, 10)

/** SAP's "for ever". */
export const LAST_DATE = '9999-12-31'
