import type { MaybePromise } from '../kernel/maybe-promise.ts'
import type { Limits } from '../model/limits.ts'

export type LimitKind = 'rate' | 'quota' | 'concurrency'

/** What was decided, and what stands in the RateLimit fields. Counts are in cost units. */
export type LimitDecision = {
  readonly allowed: boolean
  /** The limit that refused. */
  readonly violated?: LimitKind
  readonly rate?: { readonly remaining: number; readonly resetSeconds: number }
  readonly quota?: { readonly remaining: number; readonly resetSeconds: number }
  readonly concurrency?: { readonly remaining: number }
  /** Whole seconds until the same call could pass; 0 when it was allowed. */
  readonly retryAfterSeconds: number
  /** Gives the concurrency slot back; called exactly once for an allowed call. */
  release(): void
}

/**
 * Counts what consumers spend. Rate, quota and concurrency are decided together: a call that one of
 * them refuses consumes nothing of the others.
 */
export interface LimitCounter {
  /**
   * @param key   who spends, `<consumerId>`
   * @param cost  units, a positive integer
   * @param now   epoch ms
   */
  admit(key: string, limits: Limits, cost: number, now: number): MaybePromise<LimitDecision>
  close(): Promise<void>
}
