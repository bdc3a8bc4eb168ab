import type { Finding } from '../finding.ts'
import { Findings } from '../finding.ts'
import type { PolicySet } from '../policy-set.ts'
import type { TransitionContext } from './context.ts'
import { freeze } from './freeze.ts'
import { retirement } from './retirement.ts'

export type Refusal = {
  readonly findings: readonly Finding[]
  /** Epoch ms from which on the same edit may pass; undefined when waiting does not help. */
  readonly until: number | undefined
}

/**
 * Whether a sound set may take the place of the one in force, now. What only the change itself tells is
 * asked here; what is wrong with a set whatever was before it is a rule's business.
 *
 * @returns undefined when it may
 */
export function refuseTransition(
  before: PolicySet,
  after: PolicySet,
  context: TransitionContext,
): Refusal | undefined {
  const findings = new Findings()
  retirement(before, after, context, findings)
  const until = freeze(before, after, context, findings)
  return findings.hasErrors ? { findings: findings.sorted(), until } : undefined
}
