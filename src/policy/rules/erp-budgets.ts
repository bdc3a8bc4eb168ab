import type { OperationPolicy, PlanPolicy, PolicySet } from '../policy-set.ts'
import type { Rule } from './rule.ts'

/**
 * A plan that grants more calls of something uncached than an ERP's budget holds can use all of it alone.
 * What is cached is left out: it goes to the ERP once for many.
 */
export const erpBudgets: Rule = ({ set }, findings) => {
  const smallest = Math.min(
    ...[...set.connections.values()].map(({ budget }) => budget?.perSecond ?? Infinity),
  )
  if (!Number.isFinite(smallest)) return
  for (const plan of set.plans.values()) {
    const cheapest = cheapestUncached(plan, set)
    if (!cheapest) continue
    const perSecond = (plan.limits.rate?.perSecond ?? Infinity) / cheapest.cost.base
    if (perSecond <= smallest) continue
    const granted = Number.isFinite(perSecond) ? `${Math.floor(perSecond)} a second` : 'any number'
    const message = `plan "${plan.id}" grants ${granted} of ${cheapest.operationId}, which is not cached; an ERP bears ${smallest} a second`
    findings.warning(plan.at, 'plan-over-erp-budget', message)
  }
}

function cheapestUncached(
  plan: PlanPolicy,
  { apis, consumers }: PolicySet,
): OperationPolicy | undefined {
  const scopes = new Set(
    [...consumers.values()]
      .filter(({ plan: { id } }) => id === plan.id)
      .flatMap(c => [...c.scopes]),
  )
  return [...apis.values()]
    .flatMap(({ versions }) => [...versions.values()])
    .flatMap(({ operations }) => [...operations.values()])
    .filter(
      operation =>
        !operation.cache &&
        operation.scopes.all.length > 0 &&
        operation.scopes.all.every(scope => scopes.has(scope)),
    )
    .sort((a, b) => a.cost.base - b.cost.base)[0]
}
