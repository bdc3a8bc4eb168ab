import type { Limits, QuotaWindow } from '../model/limits.ts'
import type { QuotaUsage } from '../ports/quota-store.ts'
import { type AccountFacts, refilled, SLACK, type Slot } from './limit-arithmetic.ts'
import { stillRuns } from './quota-period.ts'

/**
 * What one consumer has spent, in this process.
 *
 * The bucket runs on the monotonic clock, so that a wall clock set forwards or backwards neither
 * grants nor blocks. The quota has to follow the calendar: see `enterPeriod`.
 */
export class LimitAccount implements AccountFacts, Slot {
  readonly key: string
  tokens = Number.POSITIVE_INFINITY
  quotaUsed = 0
  quotaLeftMs = 0
  inFlight = 0
  /** The quota period that `quotaUsed` belongs to, epoch ms. */
  window: QuotaWindow['name'] | undefined
  startsAt = 0
  endsAt = 0
  /** `quotaUsed` has grown since it was last saved. */
  dirty = false
  #refilledAt = 0
  #rate: Limits['rate']

  constructor(key: string) {
    this.key = key
  }

  /** Brings the bucket up to date; a new account's is full. @param at monotonic ms */
  refill(rate: NonNullable<Limits['rate']>, at: number): void {
    this.tokens = refilled(rate, this.tokens, at - this.#refilledAt)
    this.#refilledAt = at
    this.#rate = rate
  }

  /**
   * Moves the quota on to the period that `now` lies in.
   *
   * A wall clock set back by less than a period stays in the running one, and by more takes along
   * what was used: neither grants quota anew, and the second ends a block that a clock far in the
   * future would have begun.
   *
   * @param now   epoch ms
   * @param recall what is known to have been used in that period already
   */
  enterPeriod(
    window: QuotaWindow,
    now: number,
    recall: (key: string, window: string, startsAt: number) => number,
  ): void {
    const sameWindow = this.window === window.name
    if (!sameWindow || !stillRuns(this, now)) {
      const { startsAt, endsAt } = window.at(now)
      const carried = sameWindow && startsAt < this.startsAt ? this.quotaUsed : 0
      this.window = window.name
      this.startsAt = startsAt
      this.endsAt = endsAt
      this.quotaUsed = Math.max(carried, recall(this.key, window.name, startsAt))
    }
    this.quotaLeftMs = this.endsAt - now
  }

  isIn(usage: Pick<QuotaUsage, 'window' | 'startsAt'>): boolean {
    return this.window === usage.window && this.startsAt === usage.startsAt
  }

  /** Forgetting it now would change no decision: its bucket is full, its quota untouched. */
  isIdle(monotonicNow: number, now: number): boolean {
    if (this.inFlight > 0 || this.dirty) return false
    if (this.quotaUsed > 0 && now < this.endsAt) return false
    if (!this.#rate) return true
    const tokens = refilled(this.#rate, this.tokens, monotonicNow - this.#refilledAt)
    return tokens >= this.#rate.burst - SLACK
  }

  giveBack(): void {
    this.inFlight--
  }
}
