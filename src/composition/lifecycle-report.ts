import type { PolicySet } from '../policy/policy-set.ts'
import type { VersionUsage } from '../ports/version-usage.ts'

export type VersionReport = {
  readonly api: string
  readonly version: string
  readonly state: string
  /** ISO instants. */
  readonly deprecatedAt: string | undefined
  readonly sunsetAt: string | undefined
  readonly successor: string | undefined
  /** Who still called it in the last days, the busiest first. */
  readonly callers: readonly (Pick<VersionUsage, 'operation' | 'consumer' | 'calls' | 'lastDay'> & {
    readonly plan: string | undefined
    readonly paid: boolean
    readonly contact: string | undefined
  })[]
}

/** Every version that is not simply active, with those who would notice if it went. */
export function lifecycleReport(
  { apis, consumers }: PolicySet,
  usage: readonly VersionUsage[],
): readonly VersionReport[] {
  const date = (at: number | undefined) =>
    at === undefined ? undefined : new Date(at).toISOString()
  return [...apis.values()].flatMap(({ id: api, versions }) =>
    [...versions.values()]
      .filter(({ lifecycle }) => lifecycle.state !== 'active')
      .map(({ version, lifecycle: { state, deprecatedAt, sunsetAt, successor } }) => ({
        api,
        version,
        state,
        deprecatedAt: date(deprecatedAt),
        sunsetAt: date(sunsetAt),
        successor,
        callers: usage
          .filter(use => use.api === api && use.version === version)
          .sort((a, b) => b.calls - a.calls)
          .map(({ operation, consumer: id, calls, lastDay }) => {
            const consumer = consumers.get(id)
            return {
              operation,
              consumer: id,
              calls,
              lastDay,
              plan: consumer?.plan.id,
              paid: consumer?.plan.paid ?? false,
              contact: consumer?.contact,
            }
          }),
      })),
  )
}
