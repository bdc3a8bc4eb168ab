import { andThen } from '../../kernel/maybe-promise.ts'
import type { ErpAllowance } from '../../ports/erp-allowance.ts'

/** How soon a place may come free that nobody announces, ms. */
const LOOK_AGAIN_MS = 5

/** Lets at most so many requests be under way at a time; 0 lets none out. */
export function withPlaces(allowance: ErpAllowance, places: number): ErpAllowance {
  let underWay = 0
  return {
    take(workClass) {
      if (underWay >= places) return { ok: false, againInMs: LOOK_AGAIN_MS }
      underWay++
      return andThen(allowance.take(workClass), allowed => {
        if (!allowed.ok) {
          underWay--
          return allowed
        }
        return {
          ok: true as const,
          giveBack() {
            underWay--
            allowed.giveBack()
          },
        }
      })
    },
    close: () => allowance.close(),
  }
}
