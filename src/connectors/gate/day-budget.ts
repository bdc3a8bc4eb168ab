import type { Clock } from '../../kernel/clock.ts'
import { andThen } from '../../kernel/maybe-promise.ts'
import type { QuotaWindow } from '../../model/limits.ts'
import type { ErpAllowance } from '../../ports/erp-allowance.ts'
import type { LimitCounter } from '../../ports/limits.ts'

export type DayBudget = { readonly units: number; readonly window: QuotaWindow }

/**
 * Also keeps to what an ERP bears in a day. It is counted where consumers' quotas are: it survives a
 * restart, and all processes share it where they share those.
 *
 * @param account what it is counted under
 */
export const withDayBudget = (
  allowance: ErpAllowance,
  day: DayBudget,
  account: string,
  { limits, clock }: { limits: LimitCounter; clock: Clock },
): ErpAllowance => ({
  take: workClass =>
    andThen(allowance.take(workClass), allowed =>
      allowed.ok
        ? andThen(limits.admit(account, { quota: day }, 1, clock.now()), decision => {
            if (decision.allowed) return allowed
            allowed.giveBack()
            return { ok: false as const, againInMs: decision.retryAfterSeconds * 1000 }
          })
        : allowed,
    ),
  close: () => allowance.close(),
})

/** An ERP that says nothing of seconds. */
export const UNBOUNDED: ErpAllowance = {
  take: () => ({ ok: true, giveBack() {} }),
  async close() {},
}
