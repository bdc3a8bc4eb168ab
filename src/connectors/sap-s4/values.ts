import { Temporal } from 'temporal-polyfill'
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

/** The calendar date that an Edm.DateTime means. */
export const dateOf = (text: string): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(Number(text.slice('/Date('.length, -')/'.length)))
    .toZonedDateTimeISO('UTC')
    .toPlainDate()

/** A calendar date as an Edm.DateTime in JSON. */
export const sapDate = (date: Temporal.PlainDate): string =>
  `/Date(${date.toZonedDateTime('UTC').epochMilliseconds})/`

/** A calendar date as an Edm.DateTime in a filter. */
export const dateLiteral = (date: Temporal.PlainDate): string => `datetime'${date}T00:00:00'`

/** The calendar date of an instant in a place. */
export const dayAt = (epochMs: number, timeZone: string): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timeZone).toPlainDate()

/** When a calendar date begins in a place, epoch ms. */
export const startOf = (date: Temporal.PlainDate, timeZone: string): number =>
  date.toZonedDateTime(timeZone).epochMilliseconds

/** SAP's "for ever" is 9999-12-31. */
export const isForEver = (date: Temporal.PlainDate): boolean => date.year === 9999
