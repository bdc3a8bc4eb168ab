import type { UpstreamFailureKind } from '../../kernel/upstream-failure.ts'
import type { ErpDocument, ErpOrderState, PostingState } from '../../model/order.ts'

/** What came of an attempt to tell an ERP something. */
export type Outcome = Done | Failed

export type Done = {
  readonly kind: 'done'
  readonly document: ErpDocument & { readonly state?: ErpOrderState }
  /** Made by this attempt, or found to be there. */
  readonly how: 'created' | 'found'
}

export type Failed = {
  readonly kind: UpstreamFailureKind
  readonly detail: string
  /** It may have been done: it must be looked up before anything else. */
  readonly isUnclear?: boolean
  readonly retryAfterSeconds?: number | undefined
}

/** After a call whose outcome is not known: longer than the ERP may still be at it. */
const SETTLE_SECONDS = 5
/** Attempts that reached the ERP and did not succeed, before a person must look. */
export const MAX_FAILURES = 12
const LONGEST_PAUSE_SECONDS = 300

const AWAY: ReadonlySet<string> = new Set(['unreachable', 'busy'])

/**
 * How a posting stands after an attempt that failed, a business no aside. An ERP that is away is waited for,
 * however long; one that answers nonsense is not asked for ever.
 */
export function afterFailure(
  before: number,
  { kind, isUnclear = false }: Failed,
): { readonly failures: number; readonly state: PostingState } {
  const failures = before + (AWAY.has(kind) ? 0 : 1)
  return { failures, state: failures >= MAX_FAILURES ? 'DEAD' : isUnclear ? 'UNKNOWN' : 'PENDING' }
}

/** Doubling up to five minutes, with a spread, and never before the ERP has asked us back. */
export function pauseSeconds(
  attempt: number,
  { isUnclear, retryAfterSeconds = 0 }: Failed,
  random: number,
): number {
  const doubled = Math.min(LONGEST_PAUSE_SECONDS, 2 ** Math.min(attempt - 1, 9))
  return Math.max(doubled * (0.5 + random / 2), retryAfterSeconds, isUnclear ? SETTLE_SECONDS : 0)
}
