import type { Limits } from '../../model/limits.ts'
import type { Findings } from '../finding.ts'
import type { GatewayPolicy, PlanPolicy } from '../policy-set.ts'
import { createQuotaWindow } from '../quota-window.ts'
import type { PlansFile } from '../schema/plans-schema.ts'
import type { Path, YamlFile } from '../yaml-file.ts'
import { requireKnown, requireTimeZone } from './require.ts'

export function compilePlans(
  file: YamlFile,
  { plans }: PlansFile,
  { workClasses, calendars }: Pick<GatewayPolicy, 'workClasses' | 'calendars'>,
  findings: Findings,
): ReadonlyMap<string, PlanPolicy> {
  const classes = new Set(workClasses.map(({ name }) => name))
  return new Map(
    Object.entries(plans).map(([id, settings]) => {
      const path = ['plans', id]
      const { workClass, allowNoCache, mode, paid, hours: calendar } = settings
      requireKnown('work class', workClass, classes, file, [...path, 'workClass'], findings)
      const limits = limitsOf(file, path, settings, findings)
      const windows = calendar === undefined ? undefined : calendars.get(calendar)
      if (calendar !== undefined) {
        const names = new Set(calendars.keys())
        requireKnown('calendar', calendar, names, file, [...path, 'hours'], findings)
      }
      const hours = calendar !== undefined && windows ? { calendar, windows } : undefined
      const at = file.placeOfKey(path)
      return [id, { at, id, limits, mode, hours, paid, workClass, allowNoCache }]
    }),
  )
}

type PlanSettings = PlansFile['plans'][string]

function limitsOf(
  file: YamlFile,
  path: Path,
  { rate, quota, concurrency }: PlanSettings,
  findings: Findings,
): Limits {
  const zonePath = [...path, 'quota', 'timeZone']
  if (quota !== 'none' && !requireTimeZone(quota.timeZone, file, zonePath, findings)) return {}
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
