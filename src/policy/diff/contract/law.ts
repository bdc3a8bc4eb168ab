import type { Rank, Report } from '../change.ts'

/** Which way a schema's values travel: what callers send, or what they get. */
export type Direction = 'request' | 'response'

/** What became of the set of values that a schema allows. */
export type Effect = 'narrowed' | 'widened' | 'changed'

/**
 * The law of compatibility: callers may go on sending what they sent, and get nothing that they did not
 * get before. So a request may only widen, and a response only narrow.
 */
export function rankOf(direction: Direction, effect: Effect): Rank {
  if (effect === 'changed') return 'breaking'
  return (direction === 'request') === (effect === 'narrowed') ? 'breaking' : 'safe'
}

/** Where in an operation two schemas are compared, and who is told. */
export type Comparison = {
  readonly direction: Direction
  /** `body.lines[].sku`, `query sku`, `200 body.items[]` */
  readonly where: string
  readonly report: Report
  /** Pairs under comparison: a schema may contain itself. */
  readonly seen: WeakMap<object, WeakSet<object>>
}

/** Reports by the law. */
export const judge = (
  { direction, where, report }: Comparison,
  effect: Effect,
  rule: string,
  message: string,
): void => report(rankOf(direction, effect), `${direction}-${rule}`, `${where}: ${message}`)

/** A JSON Schema (2020-12), references resolved. */
export type Schema = Readonly<Record<string, unknown>>

/** `true` allows everything, as `{}` does; `false` nothing. */
export const asSchema = (schema: unknown): Schema =>
  schema === false
    ? NOTHING
    : typeof schema === 'object' && schema !== null
      ? (schema as Schema)
      : {}

const NOTHING: Schema = { not: {} }
