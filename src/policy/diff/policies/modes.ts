import type { Mode } from '../../policy-set.ts'
import type { Report } from '../change.ts'

/** Compares how much is carried out of what a policy says. */
export function compareMode(before: Mode, after: Mode, report: Report): void {
  const [old, now] = [percentOf(before), percentOf(after)]
  if (old === now) return
  const message = `refusals were carried out for ${old} % of the consumers, are now for ${now} %`
  report('risky', now > old ? 'enforced-more' : 'enforced-less', message)
}

const percentOf = (mode: Mode): number =>
  mode === 'enforce' ? 100 : mode === 'shadow' ? 0 : mode.enforcePercent
