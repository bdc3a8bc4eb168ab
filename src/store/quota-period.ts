import type { QuotaWindow } from '../model/limits.ts'

/** A quota's period, epoch ms; `endsAt` is the next one's start. */
export type Period = { readonly startsAt: number; readonly endsAt: number }

/**
 * Whether the running period still stands. A clock set back by less than a period does not leave it:
 * going back into the one before would grant what is left there a second time.
 */
export const stillRuns = ({ startsAt, endsAt }: Period, now: number): boolean =>
  now < endsAt && now >= startsAt - (endsAt - startsAt)

/** Finds periods without asking the calendar for every call. */
export function createPeriods(): (window: QuotaWindow, now: number) => Period {
  const running = new WeakMap<QuotaWindow, Period>()
  return (window, now) => {
    const known = running.get(window)
    if (known && stillRuns(known, now)) return known
    const period = window.at(now)
    running.set(window, period)
    return period
  }
}
