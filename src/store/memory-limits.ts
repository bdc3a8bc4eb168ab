import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Limits } from '../model/limits.ts'
import type { LimitCounter, LimitDecision } from '../ports/limits.ts'
import type { QuotaStore, QuotaUsage } from '../ports/quota-store.ts'
import { LimitAccount } from './limit-account.ts'
import { CountedDecision, refusalOf } from './limit-arithmetic.ts'
import { createQuotaKeeper } from './quota-keeper.ts'

export type MemoryLimitsSettings = {
  readonly clock: Clock
  /** Accounts kept before idle ones are forgotten. */
  readonly maxKeys: number
  /** Keeps quota counts over a restart; without it they end with the process. */
  readonly quotaStore?: QuotaStore
  readonly logger: Logger
}

/** The limits of a process that counts alone, or until Redis is back. */
export interface MemoryLimits extends LimitCounter {
  admit(key: string, limits: Limits, cost: number, now: number): LimitDecision
  /** Resolves when stored quota counts have been taken in, or their store has failed to give them. */
  readonly ready: Promise<void>
  /** Takes in how much quota was used elsewhere; lower figures than the own change nothing. */
  learnQuota(usage: QuotaUsage): void
  /** Accounts held. */
  readonly size: number
}

/** Accounts looked at per new one when there are too many: more than one, so that it shrinks. */
const SWEEP = 8

/**
 * Counts in this process, at once: `admit` returns a decision, never a promise.
 *
 * Only idle accounts are forgotten, those whose loss would change no decision. So the number may
 * exceed `maxKeys` by the consumers that used quota in the running period or are active right now,
 * which the policies bound.
 */
export function createMemoryLimits(settings: MemoryLimitsSettings): MemoryLimits {
  const { clock, maxKeys, quotaStore, logger } = settings
  const accounts = new Map<string, LimitAccount>()
  /** What was used before, by whom nobody has called for yet. */
  const remembered = new Map<string, QuotaUsage>()
  let hand = accounts.values()

  const recall = (key: string, window: string, startsAt: number): number => {
    const place = `${window}/${key}`
    const usage = remembered.get(place)
    if (!usage) return 0
    remembered.delete(place)
    return usage.startsAt === startsAt ? usage.used : 0
  }

  const remember = (usages: readonly QuotaUsage[]) => {
    for (const usage of usages) {
      const account = accounts.get(usage.key)
      if (account?.isIn(usage)) {
        account.quotaUsed += usage.used
        keeper?.note(account)
      } else {
        remembered.set(`${usage.window}/${usage.key}`, usage)
      }
    }
  }

  const sweep = () => {
    const now = clock.now()
    const monotonicNow = clock.monotonic()
    for (let looked = 0; looked < SWEEP; looked++) {
      let next = hand.next()
      if (next.done) {
        hand = accounts.values()
        next = hand.next()
      }
      if (next.value?.isIdle(monotonicNow, now)) accounts.delete(next.value.key)
    }
  }

  const open = (key: string): LimitAccount => {
    if (accounts.size >= maxKeys) sweep()
    const account = new LimitAccount(key)
    accounts.set(key, account)
    return account
  }

  const keeper = quotaStore && createQuotaKeeper({ clock, store: quotaStore, logger, remember })

  return {
    admit(key, limits, cost, now) {
      const account = accounts.get(key) ?? open(key)
      const { rate, quota } = limits
      if (rate) account.refill(rate, clock.monotonic())
      if (quota) account.enterPeriod(quota.window, now, recall)
      const refusal = refusalOf(limits, cost, account)
      if (refusal) return new CountedDecision(limits, account, refusal)
      if (rate) account.tokens -= cost
      if (quota) {
        account.quotaUsed += cost
        keeper?.note(account)
      }
      account.inFlight++
      return new CountedDecision(limits, account, undefined, account)
    },
    learnQuota(usage) {
      const account = accounts.get(usage.key)
      if (account?.isIn(usage)) account.quotaUsed = Math.max(account.quotaUsed, usage.used)
      else remembered.set(`${usage.window}/${usage.key}`, usage)
    },
    ready: keeper?.ready ?? Promise.resolve(),
    get size() {
      return accounts.size
    },
    close: async () => keeper?.close(),
  }
}
