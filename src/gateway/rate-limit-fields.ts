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
