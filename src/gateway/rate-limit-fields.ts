import type { Limits } from '../model/limits.ts'
import type { LimitDecision, LimitKind } from '../ports/limits.ts'

/**
 * The names under which a plan's limits stand in `RateLimit-Policy`, `RateLimit` and
 * `violated-policies`: `rate`, the quota's period (`day`), `concurrency`.
 */
export type LimitNames = Readonly<Record<LimitKind, string>>

export const limitNames = ({ quota }: Limits): LimitNames => ({
  rate: 'rate',
  quota: quota?.window.name ?? 'quota',
  concurrency: 'concurrency',
})

/** Seconds of a period, where it always has the same number of them. */
const PERIOD_SECONDS: Readonly<Record<string, number>> = { hour: 3600, day: 86_400, week: 604_800 }

/**
 * The `RateLimit-Policy` field: what a plan grants (`q`, in units) and in how many seconds (`w`). A
 * month has no fixed `w`, so it has none.
 *
 * @returns `"rate";q=100;w=2, "day";q=50000;w=86400, "concurrency";q=20;qu="concurrent-requests"`;
 *   undefined for a plan without limits
 * @see draft-ietf-httpapi-ratelimit-headers-10, section 3
 */
export function rateLimitPolicyField(limits: Limits): string | undefined {
  const names = limitNames(limits)
  const { rate, quota, concurrency } = limits
  const items: string[] = []
  if (rate) {
    const seconds = Math.max(1, Math.round(rate.burst / rate.perSecond))
    items.push(`"${names.rate}";q=${rate.burst};w=${seconds}`)
  }
  if (quota) {
    const seconds = PERIOD_SECONDS[quota.window.name]
    items.push(`"${names.quota}";q=${quota.units}${seconds ? `;w=${seconds}` : ''}`)
  }
  if (concurrency) {
    items.push(`"${names.concurrency}";q=${concurrency.max};qu="concurrent-requests"`)
  }
  return items.length > 0 ? items.join(', ') : undefined
}

/**
 * The `RateLimit` field: what is left of each limit (`r`, in units) and in how many seconds there is
 * more (`t`). A refusal tells only of the limit that refused, so that `t` and Retry-After agree.
 *
 * @returns `"rate";r=12;t=1, "day";r=4711;t=39600, "concurrency";r=7`
 * @see draft-ietf-httpapi-ratelimit-headers-10, section 4
 */
export function rateLimitField(names: LimitNames, decision: LimitDecision): string {
  const { violated, rate, quota, concurrency, retryAfterSeconds } = decision
  if (violated) {
    const remaining = decision[violated]?.remaining ?? 0
    return `"${names[violated]}";r=${remaining};t=${retryAfterSeconds}`
  }
  let field = ''
  if (rate) field = `"${names.rate}";r=${rate.remaining};t=${rate.resetSeconds}`
  if (quota) {
    field += `${separator(field)}"${names.quota}";r=${quota.remaining};t=${quota.resetSeconds}`
  }
  if (concurrency) field += `${separator(field)}"${names.concurrency}";r=${concurrency.remaining}`
  return field
}

const separator = (before: string): string => (before === '' ? '' : ', ')
