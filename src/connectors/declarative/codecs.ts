import { Temporal } from 'temporal-polyfill'
import { normalizeGtin } from '../../model/gtin.ts'
import { decimalText, parseDecimal } from '../../model/money.ts'

/** Turns an ERP's text into ours and back. Numbers travel as text, exactly. */
export type Codec = { decode(text: string): string; encode(text: string): string }

/** @param argument as written in the mapping: `{ alpha: 18 }` gives 18 */
type CodecMaker = (argument: unknown, context: { timeZone: string }) => Codec

const same = (text: string): string => text

/** What a value cannot be read as; the path is added by whoever asked. */
export class CodecError extends Error {
  override name = 'CodecError'
}

function decimalOf(text: string): string {
  try {
    return decimalText(parseDecimal(text))
  } catch {
    throw new CodecError('is not a decimal number')
  }
}

/**
 * Every codec of the mapping vocabulary; docs/mapping.md explains each.
 * A codec reads what the ERP writes (`decode`) and writes what it reads (`encode`).
 */
export const CODECS: Readonly<Record<string, CodecMaker>> = {
  /** `12.50`; `5.` and `-` signs behind are not taken. */
  decimal: () => ({ decode: decimalOf, encode: same }),
  /** `1.234,50` ↔ `1234.5`; a point that does not part thousands is refused: `1.5` is not fifteen. */
  decimalComma: () => ({
    decode: text => ungrouped(text, ','),
    encode: text => text.replace('.', ','),
  }),
  /** `1,234.50` ↔ `1234.5` */
  decimalPoint: () => ({
    decode: text => ungrouped(text, '.'),
    encode: same,
  }),
  /** `12.50-`, as SAP writes negative amounts. */
  trailingMinus: () => ({
    decode: text => (text.endsWith('-') ? `-${text.slice(0, -1).trim()}` : text.trim()),
    encode: text => (text.startsWith('-') ? `${text.slice(1)}-` : text),
  }),
  /** `19` ↔ `0.19` */
  percent: () => ({
    decode: text => scaled(text, 2),
    encode: text => scaled(text, -2),
  }),
  /** Digits only are padded with zeros to so many characters; anything else stays (SAP's ALPHA). */
  alpha: argument => {
    const length = positiveInteger(argument)
    return {
      decode: text => (/^\d+$/.test(text) ? text.replace(/^0+(?=\d)/, '') : text),
      encode: text => (/^\d+$/.test(text) ? text.padStart(length, '0') : text),
    }
  },
  trim: () => ({ decode: text => text.trim(), encode: same }),
  upperCase: () => ({ decode: text => text.toUpperCase(), encode: text => text.toUpperCase() }),
  /** GS1 number, padded to 14; a wrong check digit counts as no number. */
  gtin: () => ({ decode: text => normalizeGtin(text) ?? '', encode: same }),
  /** `20261123` ↔ the start of that day in the connection's time zone. */
  compactDate: (_, { timeZone }) => ({
    decode: text => startOfDay(isoFromCompact(text), timeZone),
    encode: text => localDate(text, timeZone).replaceAll('-', ''),
  }),
  /** The last day of a validity, `20261231` ↔ the start of the day after. */
  compactLastDate: (_, { timeZone }) => ({
    decode: text => startOfDay(nextDay(isoFromCompact(text)), timeZone),
    encode: text => localDate(String(Number(text) - 1), timeZone).replaceAll('-', ''),
  }),
  /** `20261123` ↔ the calendar date `2026-11-23`. */
  calendarDate: () => ({
    decode: text => isoFromCompact(text),
    encode: text => text.replaceAll('-', ''),
  }),
  /** `2026-11-23` ↔ the start of that day in the connection's time zone. */
  isoDate: (_, { timeZone }) => ({
    decode: text => startOfDay(text, timeZone),
    encode: text => localDate(text, timeZone),
  }),
  /** The last day of a validity, `2026-12-31` ↔ the start of the day after. */
  isoLastDate: (_, { timeZone }) => ({
    decode: text => startOfDay(nextDay(text), timeZone),
    encode: text => localDate(String(Number(text) - 1), timeZone),
  }),
  /** `2026-11-23T09:30:00` without an offset, on the clocks of the connection's time zone ↔ epoch ms. */
  localDateTime: (_, { timeZone }) => ({
    decode: text => localInstant(text, timeZone),
    encode: text => zoned(text, timeZone).toPlainDateTime().toString(),
  }),
  /** RFC 3339 with its offset ↔ epoch ms. */
  instant: () => ({
    decode: text => instantOf(text),
    encode: text => new Date(Number(text)).toISOString(),
  }),
  epochSeconds: () => ({
    decode: text => epoch(Number(decimalOf(text)) * 1000),
    encode: text => String(Math.floor(Number(text) / 1000)),
  }),
  /** `/Date(1795392000000)/` of OData 2 ↔ epoch ms. */
  odataDate: () => ({
    decode: text => epoch(Number(/^\/Date\((-?\d+)(?:[+-]\d{4})?\)\/$/.exec(text)?.[1])),
    encode: text => `/Date(${text})/`,
  }),
}

/** Without the marks between thousands, which must all be the same and stand where thousands part. */
function ungrouped(text: string, point: ',' | '.'): string {
  const [whole = '', fraction, ...more] = text.trim().split(point)
  const isWhole = (point === ',' ? COMMA_IS_POINT : POINT_IS_POINT).test(whole)
  if (!isWhole || more.length) throw new CodecError('is not a decimal number')
  const digits = whole.replaceAll(/[^-\d]/g, '')
  return decimalOf(fraction === undefined ? digits : `${digits}.${fraction}`)
}

/** Whole numbers, in groups of three or without. */
const COMMA_IS_POINT = /^-?(?:\d+|\d{1,3}(?:([.\s'’])\d{3})(?:\1\d{3})*)$/
const POINT_IS_POINT = /^-?(?:\d+|\d{1,3}(?:([,\s'’])\d{3})(?:\1\d{3})*)$/

function scaled(text: string, places: number): string {
  const { digits, scale } = parseDecimal(decimalOf(text))
  return scale + places >= 0
    ? decimalText({ digits, scale: scale + places })
    : decimalText({ digits: digits * 10n ** BigInt(-places - scale), scale: 0 })
}

function positiveInteger(argument: unknown): number {
  if (Number.isInteger(argument) && (argument as number) > 0 && (argument as number) <= 100) {
    return argument as number
  }
  throw new CodecError('needs a length from 1 to 100')
}

function isoFromCompact(text: string): string {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(text) ?? []
  if (!day) throw new CodecError('is not a date YYYYMMDD')
  return `${year}-${month}-${day}`
}

function nextDay(date: string): string {
  return plainDate(date).add({ days: 1 }).toString()
}

function startOfDay(date: string, timeZone: string): string {
  return String(plainDate(date).toZonedDateTime(timeZone).epochMilliseconds)
}

function plainDate(text: string): Temporal.PlainDate {
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' })
  } catch {
    throw new CodecError('is not a date')
  }
}

function localInstant(text: string, timeZone: string): string {
  try {
    const local = Temporal.PlainDateTime.from(text, { overflow: 'reject' })
    return String(local.toZonedDateTime(timeZone).epochMilliseconds)
  } catch {
    throw new CodecError('is not a date and time')
  }
}

/** Temporal wants the offset that `Date.parse` would quietly take from this machine. */
function instantOf(text: string): string {
  try {
    return String(Temporal.Instant.from(text).epochMilliseconds)
  } catch {
    throw new CodecError('is not an instant')
  }
}

const zoned = (epochMs: string, timeZone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(Number(epochMs)).toZonedDateTimeISO(timeZone)

const localDate = (epochMs: string, timeZone: string): string =>
  zoned(epochMs, timeZone).toPlainDate().toString()

function epoch(ms: number): string {
  if (!Number.isSafeInteger(ms)) throw new CodecError('is not an instant')
  return String(ms)
}
