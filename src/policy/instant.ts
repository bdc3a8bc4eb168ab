import { Temporal } from 'temporal-polyfill'

/**
 * An instant as policies write it: RFC 3339 with offset, or a date, meaning its start in UTC.
 *
 * @returns epoch ms; undefined for what is none, 30 February included
 */
export function parseInstant(text: string): number | undefined {
  try {
    return /^\d{4}-\d{2}-\d{2}$/.test(text)
      ? Temporal.PlainDate.from(text).toZonedDateTime('UTC').epochMilliseconds
      : Temporal.Instant.from(text).epochMilliseconds
  } catch {
    return undefined
  }
}

export const isInstant = (text: string): boolean => parseInstant(text) !== undefined
