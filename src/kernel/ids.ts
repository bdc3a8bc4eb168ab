import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'

/** A time-ordered, opaque id with a prefix that says what it names: `quo_0198c5…` (UUIDv7, RFC 9562). */
export const prefixedId = (prefix: string): string => `${prefix}_${uuidv7().replaceAll('-', '')}`

/** A new correlation id for a call that brought none: Node draws these from a pool, at 0.1 µs each. */
export const newCorrelationId = (): string => randomUUID()

/** What we accept as a caller's correlation id: safe in a log line, a header and a URL. */
export const isCorrelationId = (text: string): boolean => /^[A-Za-z0-9._:-]{1,128}$/.test(text)
