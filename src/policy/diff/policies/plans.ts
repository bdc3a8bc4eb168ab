import type { PlanPolicy } from '../../policy-set.ts'
import type { Report } from '../change.ts'
import { compareNumber, limit } from '../numbers.ts'
import { textOf } from '../text-of.ts'
import { compareMode } from './modes.ts'

/** Compares what two plans grant; the same for one plan before and after, and for a consumer's old and new one. */
export function comparePlans(before: PlanPolicy, after: PlanPolicy, report: Report): void {
  const [old, now] = [before.limits, after.limits]
  compareNumber(limit('rate.perSecond'), old.rate?.perSecond, now.rate?.perSecond, report)
  compareNumber(limit('rate.burst'), old.rate?.burst, now.rate?.burst, report)
  compareQuotas(before, after, report)
  compareNumber(limit('concurrency.max'), old.concurrency?.max, now.concurrency?.max, report)
  compareMode(before.mode, after.mode, report)
  if (textOf(before.hours) !== textOf(after.hours)) {
    const message = after.hours
      ? `may be used during "${after.hours.calendar}"`
      : 'may be used at any time'
    report(after.hours ? 'risky' : 'safe', 'hours-changed', message)
  }
  if (before.workClass !== after.workClass) {
    const message = `work class was ${before.workClass}, is now ${after.workClass}: another share of the ERP's budget`
    report('risky', 'work-class-changed', message)
  }
  if (before.allowNoCache !== after.allowNoCache) {
    report(
      'risky',
      'read-through-changed',
      after.allowNoCache
        ? 'may read through to the ERP now'
        : 'gets cached answers now, whatever it asks',
    )
  }
  if (before.paid !== after.paid)
    report('safe', 'paid-changed', after.paid ? 'is paid for now' : 'is free now')
}

/** Quotas of different periods cannot be compared by their units. */
function compareQuotas(before: PlanPolicy, after: PlanPolicy, report: Report): void {
  const [old, now] = [before.limits.quota, after.limits.quota]
  if (old && now && periodOf(before) !== periodOf(after)) {
    const message = `quota was ${old.units} per ${periodOf(before)}, is now ${now.units} per ${periodOf(after)}`
    report('risky', 'quota-period-changed', message)
    return
  }
  compareNumber(limit(`quota per ${(now ?? old)?.window.name}`), old?.units, now?.units, report)
}

const periodOf = ({ limits: { quota } }: PlanPolicy): string =>
  quota ? `${quota.window.calendar}` : ''
