import type { Clock } from '../../kernel/clock.ts'
import { leavesReserves, reservesOf, type WorkClass } from '../../model/work-class.ts'
import type { ErpAllowance } from '../../ports/erp-allowance.ts'

/**
 * The ERP counts arrivals, we count departures, and a request may be this much longer under way than the
 * next, ms. Windows are so much longer than a second that the ERP's are not overfull either.
 */
export const UNDER_WAY_MS = 50

/**
 * How many requests a window holds, and how long it is.
 *
 * @param perSecond under 1: one in so many seconds
 */
export function windowOf(perSecond: number): { readonly most: number; readonly windowMs: number } {
  const most = Math.max(1, Math.floor(perSecond))
  return { most, windowMs: (most / perSecond) * 1000 + UNDER_WAY_MS }
}

/** At most so many requests in any second, counted in this process. */
export function createPace(
  perSecond: number,
  classes: readonly WorkClass[],
  clock: Clock,
): ErpAllowance {
  const { most, windowMs } = windowOf(perSecond)
  const reserves = reservesOf(classes, most)
  /** Requests of the last window, the oldest first. */
  const sent: { readonly at: number; readonly workClass: string }[] = []
  const inWindow = new Map<string, number>()

  const forget = (now: number): void => {
    let ended = 0
    for (const { at, workClass } of sent) {
      if (at + windowMs > now) break
      inWindow.set(workClass, (inWindow.get(workClass) ?? 1) - 1)
      ended++
    }
    if (ended) sent.splice(0, ended)
  }

  return {
    take(workClass) {
      const now = clock.monotonic()
      forget(now)
      if (!leavesReserves(workClass, most, reserves, inWindow)) {
        const oldest = sent[0]
        return { ok: false, againInMs: oldest ? oldest.at + windowMs - now : windowMs }
      }
      sent.push({ at: now, workClass })
      inWindow.set(workClass, (inWindow.get(workClass) ?? 0) + 1)
      return { ok: true, giveBack() {} }
    },
    async close() {},
  }
}
