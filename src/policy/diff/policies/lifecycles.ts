import type { LifecyclePolicy } from '../../policy-set.ts'
import type { Rank, Report } from '../change.ts'
import { textOf } from '../text-of.ts'

/** Compares where two versions of one policy stand in the life of an API version. */
export function compareLifecycles(
  before: LifecyclePolicy,
  after: LifecyclePolicy,
  report: Report,
): void {
  if (before.state !== after.state) {
    const message = `was ${before.state}, is now ${after.state}`
    report(rankOfState(before.state, after.state), 'lifecycle-changed', message)
  }
  compareSunsets(before.sunsetAt, after.sunsetAt, report)
  if (textOf(before.brownOuts) !== textOf(after.brownOuts)) {
    const rank = after.brownOuts.length ? 'risky' : 'safe'
    report(rank, 'brown-outs-changed', `${after.brownOuts.length} brown-outs are planned now`)
  }
  const [old, now] = [before.successor, after.successor]
  if (old !== now) {
    const message = now ? `its successor is ${now} now` : 'it has no successor any more'
    report(now ? 'safe' : 'risky', 'successor-changed', message)
  }
}

function rankOfState(before: LifecyclePolicy['state'], after: LifecyclePolicy['state']): Rank {
  if (after === 'retired') return before === 'draft' ? 'safe' : 'breaking'
  if (after === 'draft') return before === 'retired' ? 'safe' : 'breaking'
  return 'safe'
}

function compareSunsets(
  before: number | undefined,
  after: number | undefined,
  report: Report,
): void {
  if (before === after) return
  const date = (at: number | undefined): string =>
    at === undefined ? 'none' : new Date(at).toISOString()
  const message = `sunset was ${date(before)}, is now ${date(after)}`
  if (after === undefined) report('risky', 'sunset-removed', message)
  else if (before === undefined) report('risky', 'sunset-set', message)
  else if (after < before) report('breaking', 'sunset-nearer', message)
  else report('safe', 'sunset-later', message)
}
