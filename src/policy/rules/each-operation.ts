import type { ContractOperation, ContractVersion } from '../contract-index.ts'
import type { Findings } from '../finding.ts'
import type { OperationPolicy } from '../policy-set.ts'
import { didYouMean } from '../suggest.ts'
import type { Rule, RuleContext } from './rule.ts'

type Governed = {
  readonly policy: OperationPolicy
  readonly operation: ContractOperation
  readonly contract: ContractVersion
  readonly context: RuleContext
}

/** What one operation's policy says must fit its contract, and mean something. */
export const eachOperation: Rule = (context, findings) => {
  for (const contract of context.contracts) {
    const version = context.set.apis.get(contract.api)?.versions.get(contract.version)
    for (const policy of version?.operations.values() ?? []) {
      const operation = contract.operations.get(policy.operationId)
      if (!operation) continue
      const governed = { policy, operation, contract, context }
      scopesAgree(governed, findings)
      cacheIsAllowed(governed, findings)
      traitsExist(governed, findings)
      costMeansSomething(governed, findings)
      boundsFit(governed, findings)
      retriesAreSafe(governed, findings)
    }
  }
}

function scopesAgree({ policy, operation, contract }: Governed, findings: Findings): void {
  const { at, all } = policy.scopes
  const [file, id] = [`openapi/${contract.file}`, policy.operationId]
  for (const scope of all.filter(name => !operation.scopes.includes(name))) {
    const hint = didYouMean(scope, operation.scopes)
    const message = `${file} does not tell callers that ${id} needs "${scope}"${hint}`
    findings.error(at, 'scope-not-in-contract', message)
  }
  for (const scope of operation.scopes.filter(name => !all.includes(name))) {
    const message = `${file} says that ${id} needs "${scope}", but the policy does not ask for it`
    findings.error(at, 'scope-not-enforced', message)
  }
}

function cacheIsAllowed({ policy, operation }: Governed, findings: Findings): void {
  const { cache, operationId: id } = policy
  if (!cache) return
  const complain = (rule: string, message: string) => findings.error(cache.at, rule, message)
  if (!operation.safe) {
    complain(
      'cache-of-unsafe',
      `${id} changes something: its answer cannot be cached (a query by POST says x-safe-query: true)`,
    )
    return
  }
  const kept = cache.ttlSeconds * (1 + cache.jitter) + cache.staleWhileRevalidateSeconds
  const { maxCacheSeconds, maxStaleIfErrorSeconds = 0 } = operation
  if (maxCacheSeconds === undefined) {
    complain('cache-without-bound', `the contract of ${id} states no x-max-cache-seconds`)
  } else if (kept > maxCacheSeconds) {
    complain(
      'cache-ttl-over-max',
      `ttlSeconds with its jitter + staleWhileRevalidateSeconds is ${kept}; the contract of ${id} promises at most ${maxCacheSeconds}`,
    )
  }
  if (cache.staleIfErrorSeconds > maxStaleIfErrorSeconds) {
    complain(
      'cache-stale-over-max',
      `staleIfErrorSeconds is ${cache.staleIfErrorSeconds}; the contract of ${id} promises at most ${maxStaleIfErrorSeconds}`,
    )
  }
  if (cache.clientMaxAgeSeconds > cache.ttlSeconds) {
    const message = `callers of ${id} may keep an answer longer than the gateway does`
    findings.warning(cache.at, 'client-cache-over-ttl', message)
  }
}

const TRAITS = ['consumer', 'channels', 'regions']

function traitsExist({ policy: { cache }, context }: Governed, findings: Findings): void {
  if (!cache) return
  const scopes = context.contracts.flatMap(contract => contract.scopes)
  const known = [...TRAITS, ...new Set(scopes.map(scope => `scope:${scope}`))]
  for (const trait of cache.vary.filter(name => !known.includes(name))) {
    const hint = didYouMean(trait, known) || `; known are ${known.join(', ')}`
    findings.error(cache.at, 'unknown-trait', `vary: there is no "${trait}"${hint}`)
  }
}

function costMeansSomething({ policy, operation, context }: Governed, findings: Findings): void {
  const { cost, operationId: id } = policy
  const { perItems } = cost
  const known = perItems?.in === 'body' ? operation.bodyNames : operation.queryNames
  if (perItems && !known.includes(perItems.name)) {
    const hint = didYouMean(perItems.name, known)
    const message = `the ${perItems.in} of ${id} has no "${perItems.name}"${hint}`
    findings.error(cost.at, 'cost-of-nothing', message)
  }
  for (const { id: plan, limits } of context.set.plans.values()) {
    const { quota, rate } = limits
    const allowance = Math.min(quota?.units ?? Infinity, rate?.burst ?? Infinity)
    if (cost.base <= allowance) continue
    const message = `a call of ${id} costs ${cost.base}, which plan "${plan}" can never pay (${allowance})`
    findings.error(cost.at, 'cost-over-plan', message)
  }
}

/** Whoever does not hear an answer asks again: what changes something must know the second call for the first. */
function retriesAreSafe({ policy, operation, contract }: Governed, findings: Findings): void {
  const { at, operationId: id, idempotency } = policy
  const complain = (rule: string, message: string) => findings.error(at, rule, message)
  const isTold = operation.definition.parameters?.some(
    parameter => parameter.in === 'header' && parameter.name?.toLowerCase() === 'idempotency-key',
  )
  if (operation.safe) {
    if (idempotency === 'required') {
      complain('idempotency-of-safe', `${id} changes nothing: it needs no Idempotency-Key`)
    }
  } else if (idempotency === undefined) {
    complain(
      'idempotency-not-said',
      `${id} changes something: say idempotency: required, or none where asking twice does no harm`,
    )
  } else if ((idempotency === 'required') !== (isTold === true)) {
    const message = `openapi/${contract.file} ${isTold ? 'asks' : 'does not ask'} callers of ${id} for an Idempotency-Key, the policy says ${idempotency}`
    complain('idempotency-not-in-contract', message)
  }
}

function boundsFit({ policy, context }: Governed, findings: Findings): void {
  const { at, timeoutMs, maxBodyBytes, operationId: id } = policy
  const { gateway, connections } = context.set
  const { maxBodyBytes: bound } = gateway.listener
  if (maxBodyBytes > bound) {
    const message = `maxBodyBytes of ${id} is ${maxBodyBytes}; the listener takes at most ${bound}`
    findings.error(at, 'body-over-listener', message)
  }
  for (const { name, guard } of connections.values()) {
    if (guard.timeoutMs <= timeoutMs) continue
    const message = `${id} gives up after ${timeoutMs} ms, before a call of "${name}" does (${guard.timeoutMs} ms)`
    findings.warning(at, 'timeout-under-erp', message)
  }
}
