/** What goes wrong with calls to the ERP. Rates are shares from 0 to 1. */
export type Faults = {
  /** Every call waits so long … */
  readonly latencyMs: number
  /** … and up to so much longer. */
  readonly jitterMs: number
  /** So many calls answer with `status` and do nothing. */
  readonly errorRate: number
  readonly status: number
  /** Every connection is cut at once. */
  readonly down: boolean
  /** So many calls do nothing and are never answered. */
  readonly hangRate: number
  /** So many do the work and answer with half of the JSON, or with a page of HTML. */
  readonly garbageRate: number
  /** So many do the work, then cut the connection. */
  readonly loseResponseRate: number
}

export const NO_FAULTS: Faults = {
  latencyMs: 0,
  jitterMs: 0,
  errorRate: 0,
  status: 500,
  down: false,
  hangRate: 0,
  garbageRate: 0,
  loseResponseRate: 0,
}

const MAX_DELAY_MS = 600_000

const isIn = (value: unknown, low: number, high: number): boolean =>
  typeof value === 'number' && value >= low && value <= high
const isDelay = (value: unknown) => isIn(value, 0, MAX_DELAY_MS)
const isRate = (value: unknown) => isIn(value, 0, 1)

const RULES: { readonly [Name in keyof Faults]: readonly [(v: unknown) => boolean, string] } = {
  latencyMs: [isDelay, `a number from 0 to ${MAX_DELAY_MS}`],
  jitterMs: [isDelay, `a number from 0 to ${MAX_DELAY_MS}`],
  errorRate: [isRate, 'a number from 0 to 1'],
  status: [value => Number.isInteger(value) && isIn(value, 400, 599), 'a status from 400 to 599'],
  down: [value => typeof value === 'boolean', 'true or false'],
  hangRate: [isRate, 'a number from 0 to 1'],
  garbageRate: [isRate, 'a number from 0 to 1'],
  loseResponseRate: [isRate, 'a number from 0 to 1'],
}

/**
 * The faults that hold from now on: what is not named is off.
 *
 * @returns the faults, or everything that is wrong with them
 */
export function parseFaults(
  value: Readonly<Record<string, unknown>>,
): { ok: true; faults: Faults } | { ok: false; complaints: readonly string[] } {
  const complaints = Object.entries(value).flatMap(([name, given]) => {
    const rule = Object.hasOwn(RULES, name) ? RULES[name as keyof Faults] : undefined
    if (!rule) return [`${name}: unknown, there are ${Object.keys(RULES).join(', ')}`]
    const [isGood, expected] = rule
    return isGood(given) ? [] : [`${name}: must be ${expected}`]
  })
  if (complaints.length) return { ok: false, complaints }
  return { ok: true, faults: { ...NO_FAULTS, ...value } }
}
