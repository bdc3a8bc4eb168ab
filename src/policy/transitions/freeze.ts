import { createWindows } from '../../model/windows.ts'
import { diffPolicies } from '../diff/diff.ts'
import { CREDENTIAL_RULE } from '../diff/policies/consumers.ts'
import type { Findings } from '../finding.ts'
import type { PolicySet } from '../policy-set.ts'

/**
 * In a freeze nothing changes, unless the edit itself says who lets it pass and why. The windows are
 * those in force: an edit cannot lift the freeze that it meets. Credentials may always be changed; a
 * stolen key is not kept alive for a freeze.
 *
 * @returns when the freeze ends, epoch ms, if it refused
 */
export function freeze(
  before: PolicySet,
  after: PolicySet,
  { now }: { readonly now: number },
  findings: Findings,
): number | undefined {
  const { within, until } = createWindows(before.gateway.freezes).at(now)
  if (!within) return undefined
  const { freezeOverride } = after.gateway
  if (freezeOverride && freezeOverride.until > now) return undefined
  const changes = diffPolicies(before, after)
  if (changes.every(({ rule }) => rule.startsWith(CREDENTIAL_RULE))) return undefined
  const end = Number.isFinite(until) ? ` until ${new Date(until).toISOString()}` : ''
  const lapsed = freezeOverride ? 'freezeOverride.until has passed; ' : ''
  findings.error(
    freezeOverride?.at ?? after.gateway.at,
    'policies-frozen',
    `${lapsed}policies do not change${end}: wait, or say who forces it and why (freezeOverride: { by, reason, until })`,
  )
  return until
}
