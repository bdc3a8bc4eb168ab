import type { Findings } from '../finding.ts'
import type { PolicySet, VersionPolicy } from '../policy-set.ts'
import type { TransitionContext } from './context.ts'

/** A version does not go while somebody on a paid plan still calls it. */
export function retirement(
  before: PolicySet,
  after: PolicySet,
  { now, usage }: TransitionContext,
  findings: Findings,
): void {
  for (const { id: api, at, versions } of before.apis.values()) {
    for (const [version, old] of versions) {
      const next = after.apis.get(api)?.versions.get(version)
      if (!isOpen(old, now) || (next && isOpen(next, now))) continue
      const callers = new Map<string, number>()
      for (const use of usage) {
        if (use.api !== api || use.version !== version) continue
        if (!after.consumers.get(use.consumer)?.plan.paid) continue
        callers.set(use.consumer, (callers.get(use.consumer) ?? 0) + use.calls)
      }
      if (callers.size === 0) continue
      const who = [...callers].map(([consumer, calls]) => `${consumer} (${calls} calls)`)
      findings.error(
        next?.lifecycle.at ?? after.apis.get(api)?.at ?? at,
        'retired-while-used',
        `${api} ${version} is still called on paid plans, by ${who.join(', ')}: let them move first`,
      )
    }
  }
}

const isOpen = ({ lifecycle: { state, sunsetAt } }: VersionPolicy, now: number): boolean =>
  (state === 'active' || state === 'deprecated') && (sunsetAt ?? Infinity) > now
