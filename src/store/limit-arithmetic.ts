import type { Limits } from '../model/limits.ts'
import type { LimitDecision, LimitKind } from '../ports/limits.ts'

/** A consumer's account as one call finds it. */
export type AccountFacts = {
  /** Units in the bucket; below 0 after a call that cost more than the burst. */
  readonly tokens: number
  /** Units spent in the running quota period, and ms until the period ends. */
  readonly quotaUsed: number
  readonly quotaLeftMs: number
  readonly inFlight: number
}

export type Refusal = { readonly violated: LimitKind; readonly waitMs: number }

/**
 * Rounding slack, in units. A bucket is refilled in floating point: without it a caller that returns
 * exactly when told to is refused for want of 10^-12 units. What passes early is carried as debt, so
 * it never adds up.
 */
export const SLACK = 1e-6

/** What a caller over its concurrency is told, in ms: nobody knows when one of its calls will end. */
const SLOT_WAIT_MS = 1000

/** Units in a bucket after `elapsedMs` more; time that ran backwards adds nothing. */
export const refilled = (
  rate: NonNullable<Limits['rate']>,
  tokens: number,
  elapsedMs: number,
): number => Math.min(rate.burst, tokens + (Math.max(0, elapsedMs) * rate.perSecond) / 1000)

/**
 * Decides whether a call may pass, all limits together.
 *
 * A call that costs more than the whole burst passes from a full bucket only and leaves a debt:
 * otherwise it could never pass, and over time its consumer still gets no more than the rate. A call
 * that costs more than the whole quota never passes; its wait is the period's end.
 *
 * @param facts as they stand before the call
 * @returns the limit with the longest wait among those that refuse; undefined when none does
 */
export function refusalOf(limits: Limits, cost: number, facts: AccountFacts): Refusal | undefined {
  const { rate, quota, concurrency } = limits
  let refusal: Refusal | undefined
  if (quota && facts.quotaUsed + cost > quota.units) {
    refusal = { violated: 'quota', waitMs: facts.quotaLeftMs }
  }
  if (rate) {
    const missing = Math.min(rate.burst, cost) - facts.tokens
    const waitMs = (missing / rate.perSecond) * 1000
    if (missing > SLACK && !(refusal && refusal.waitMs >= waitMs)) {
      refusal = { violated: 'rate', waitMs }
    }
  }
  if (concurrency && facts.inFlight >= concurrency.max) {
    if (!(refusal && refusal.waitMs >= SLOT_WAIT_MS)) {
      refusal = { violated: 'concurrency', waitMs: SLOT_WAIT_MS }
    }
  }
  return refusal
}

/** Where an admitted call holds its concurrency slot. */
export interface Slot {
  giveBack(): void
}

/** A decision with the figures for the RateLimit fields; gives its slot back once at most. */
export class CountedDecision implements LimitDecision {
  readonly allowed: boolean
  readonly violated: LimitKind | undefined
  readonly rate: LimitDecision['rate']
  readonly quota: LimitDecision['quota']
  readonly concurrency: LimitDecision['concurrency']
  readonly retryAfterSeconds: number
  #slot: Slot | undefined

  /** @param facts as they stand after the call was counted, or refused */
  constructor(limits: Limits, facts: AccountFacts, refusal: Refusal | undefined, slot?: Slot) {
    const { rate, quota, concurrency } = limits
    this.allowed = refusal === undefined
    this.violated = refusal?.violated
    this.retryAfterSeconds = refusal ? wholeSeconds(refusal.waitMs) : 0
    this.rate = rate && rateFigures(rate, facts.tokens)
    this.quota = quota && {
      remaining: Math.max(0, quota.units - facts.quotaUsed),
      resetSeconds: wholeSeconds(facts.quotaLeftMs),
    }
    this.concurrency = concurrency && { remaining: Math.max(0, concurrency.max - facts.inFlight) }
    this.#slot = slot
  }

  release(): void {
    const slot = this.#slot
    this.#slot = undefined
    slot?.giveBack()
  }
}

/** `resetSeconds` is the time until one more whole unit is there; 0 for a full bucket. */
function rateFigures(rate: NonNullable<Limits['rate']>, tokens: number) {
  const remaining = Math.max(0, Math.floor(tokens + SLACK))
  const missing = Math.min(rate.burst, remaining + 1) - tokens
  return {
    remaining,
    resetSeconds: missing <= SLACK ? 0 : wholeSeconds((missing / rate.perSecond) * 1000),
  }
}

/** Rounded up, so that nobody comes back too early; the slack keeps 1000.0000001 ms one second. */
const wholeSeconds = (ms: number): number => Math.max(0, Math.ceil(ms / 1000 - SLACK))
