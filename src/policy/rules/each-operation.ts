import type { ContractOperation, ContractVersion } from '../contract-index.ts'
import type { Findings } from '../finding.ts'
import type { OperationPolicy, PolicySet } from '../policy-set.ts'
import { didYouMean } from '../suggest.ts'
import type { Rule, RuleContext } from './rule.ts'

/** What one operation's policy says must fit its contract, and mean something. */
export const eachOperation: Rule = (context, findings) => {
  for (const contract of context.contracts) {
    const version = context.set.apis.get(contract.api)?.versions.get(contract.version)
    for (const policy of version?.operations.values() ?? []) {
      const operation = contract.operations.get(policy.operationId)
      if (!operation) continue
      scopesAgree(policy, operation, contract, findings)
      cacheIsAllowed(policy, operation, findings)
      costMeansSomething(policy, operation, context, findings)
      timesFit(policy, context.set, findings)
    }
  }
}

function scopesAgree(
  { scopes }: OperationPolicy,
  operation: ContractOperation,
  { file }: ContractVersion,
  findings: Findings,
): void {
  for (const scope of scopes.all.filter(s => !operation.scopes.includes(s))) {
    findings.error(
      scopes.at,
      'scope-not-in-contract',
      `openapi/${file} does not tell callers that ${operation.operationId} needs "${scope}"${didYouMean(scope, operation.scopes)}`,
    )
  }
  for (const scope of operation.scopes.filter(s => !scopes.all.includes(s))) {
    findings.error(
      scopes.at,
      'scope-not-enforced',
      `openapi/${file} says that ${operation.operationId} needs "${scope}", but the policy does not ask for it`,
    )
  }
}

function cacheIsAllowed(
  { cache, operationId }: OperationPolicy,
  operation: ContractOperation,
  findings: Findings,
): void {
  if (!cache) return
  if (!operation.safe) {
    findings.error(
      cache.at,
      'cache-of-unsafe',
      `${operationId} changes something: its answer cannot be cached`,
    )
    return
  }
  const longestFresh = cache.ttlSeconds * (1 + cache.jitter)
  const kept = Math.round((longestFresh + cache.staleWhileRevalidateSeconds) * 100) / 100
  const { maxCacheSeconds, maxStaleIfErrorSeconds } = operation
  if (maxCacheSeconds === undefined) {
    findings.error(
      cache.at,
      'cache-without-bound',
      `the contract of ${operationId} states no x-max-cache-seconds`,
    )
  } else if (kept > maxCacheSeconds) {
    findings.error(
      cache.at,
      'cache-ttl-over-max',
      `ttlSeconds (with jitter) + staleWhileRevalidateSeconds is ${kept}; the contract promises at most ${maxCacheSeconds}`,
    )
  }
  if (maxStaleIfErrorSeconds !== undefined && cache.staleIfErrorSeconds > maxStaleIfErrorSeconds) {
    findings.error(
      cache.at,
      'cache-ttl-over-max',
      `staleIfErrorSeconds is ${cache.staleIfErrorSeconds}; the contract promises at most ${maxStaleIfErrorSeconds}`,
    )
  }
  if (cache.clientMaxAgeSeconds > cache.ttlSeconds) {
    findings.warning(
      cache.at,
      'client-cache-over-ttl',
      'callers may keep an answer longer than the gateway does',
    )
  }
  for (const trait of cache.vary.filter(t => !isTrait(t))) {
    findings.error(
      cache.at,
      'unknown-trait',
      `vary: there is no trait "${trait}"${didYouMean(trait, TRAITS)}; known are ${TRAITS.join(', ')} and scope:<scope>`,
    )
  }
}

const TRAITS = ['consumer', 'channels', 'regions']
const isTrait = (name: string): boolean =>
  TRAITS.includes(name) || /^scope:[a-z]+(:[a-z-]+)*$/.test(name)

function costMeansSomething(
  { cost, operationId }: OperationPolicy,
  operation: ContractOperation,
  { set }: RuleContext,
  findings: Findings,
): void {
  const { perItems } = cost
  const known = perItems?.in === 'body' ? operation.bodyNames : operation.queryNames
  if (perItems && !known.includes(perItems.name)) {
    findings.error(
      cost.at,
      'cost-of-nothing',
      `the ${perItems.in} of ${operationId} has no "${perItems.name}"${didYouMean(perItems.name, known)}`,
    )
  }
  for (const plan of set.plans.values()) {
    const { quota } = plan.limits
    if (quota && cost.base > quota.units) {
      findings.error(
        cost.at,
        'cost-over-quota',
        `a call of ${operationId} costs more than the whole quota of plan "${plan.id}"`,
      )
    }
  }
}

function timesFit(
  { at, timeoutMs, maxBodyBytes, operationId }: OperationPolicy,
  { gateway, connections }: PolicySet,
  findings: Findings,
): void {
  if (maxBodyBytes > gateway.listener.maxBodyBytes) {
    findings.error(
      at,
      'body-over-listener',
      `maxBodyBytes of ${operationId} is over the listener's ${gateway.listener.maxBodyBytes}`,
    )
  }
  for (const { name, guard } of connections.values()) {
    if (guard.timeoutMs > timeoutMs) {
      findings.warning(
        at,
        'timeout-under-erp',
        `${operationId} gives up after ${timeoutMs} ms, before a call of "${name}" may (${guard.timeoutMs} ms)`,
      )
    }
  }
}
