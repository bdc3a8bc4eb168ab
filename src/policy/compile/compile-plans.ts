import type { Limits } from '../../model/limits.ts'
import type { Findings } from '../finding.ts'
import type { PlanPolicy } from '../policy-set.ts'
import { createQuotaWindow } from '../quota-window.ts'
import type { PlansFile } from '../schema/plans-schema.ts'
import { didYouMean } from '../suggest.ts'
import type { YamlFile } from '../yaml-file.ts'
import { isTimeZone, unknownZone } from './compile-network.ts'

export function compilePlans(
  file: YamlFile,
  { plans }: PlansFile,
  workClasses: readonly string[],
  findings: Findings,
): ReadonlyMap<string, PlanPolicy> {
  return new Map(
    Object.entries(plans).map(([id, settings]) => {
      if (!workClasses.includes(settings.workClass)) {
        findings.error(
          file.placeOf(['plans', id, 'workClass']),
          'unknown-work-class',
          `there is no work class "${settings.workClass}"${didYouMean(settings.workClass, workClasses)}`,
        )
      }
      const plan: PlanPolicy = {
        at: file.placeOfKey(['plans', id]),
        id,
        limits: Object.freeze(limitsOf(file, id, settings, findings)),
        workClass: settings.workClass,
        allowNoCache: settings.allowNoCache,
      }
      return [id, Object.freeze(plan)]
    }),
  )
}

type PlanSettings = PlansFile['plans'][string]

function limitsOf(
  file: YamlFile,
  id: string,
  { rate, quota, concurrency }: PlanSettings,
  findings: Findings,
): Limits {
  if (quota !== 'none' && !isTimeZone(quota.timeZone)) {
    const place = file.placeOf(['plans', id, 'quota', 'timeZone'])
    findings.error(place, 'unknown-time-zone', unknownZone(quota.timeZone))
    return {}
  }
  return {
    ...(rate !== 'none' && { rate }),
    ...(quota !== 'none' && {
      quota: {
        units: quota.units,
        window: createQuotaWindow(quota.per, quota.timeZone, quota.dayStartsAt ?? '00:00'),
      },
    }),
    ...(concurrency !== 'none' && { concurrency }),
  }
}
