import type { CachePolicy, ConsumerPolicy, OperationPolicy } from '../../policy-set.ts'
import { added, type Report } from '../change.ts'
import { compareNumber, type Meaning } from '../numbers.ts'
import { textOf } from '../text-of.ts'
import { compareMode } from './modes.ts'

const COST: Meaning = {
  name: 'cost',
  up: ['risky', 'cost-raised'],
  down: ['safe', 'cost-lowered'],
}
const TIMEOUT: Meaning = {
  name: 'timeoutMs',
  up: ['safe', 'timeout-raised'],
  down: ['risky', 'timeout-lowered'],
}
const BODY: Meaning = {
  name: 'maxBodyBytes',
  up: ['safe', 'limit-raised'],
  down: ['breaking', 'body-limit-lowered'],
}

/** Compares how one operation is governed, but for its scopes: those decide who is concerned. */
export function compareOperationPolicies(
  before: OperationPolicy,
  after: OperationPolicy,
  report: Report,
): void {
  compareMode(before.mode, after.mode, report)
  compareNumber(COST, before.cost.base, after.cost.base, report)
  if (textOf(before.cost.perItems) !== textOf(after.cost.perItems)) {
    report('risky', 'cost-changed', 'what a list costs has changed')
  }
  compareNumber(TIMEOUT, before.timeoutMs, after.timeoutMs, report)
  compareNumber(BODY, before.maxBodyBytes, after.maxBodyBytes, report)
  compareCaches(before.cache, after.cache, report)
}

const AGES = [
  'ttlSeconds',
  'staleWhileRevalidateSeconds',
  'staleIfErrorSeconds',
  'clientMaxAgeSeconds',
] as const

function compareCaches(
  before: CachePolicy | undefined,
  after: CachePolicy | undefined,
  report: Report,
): void {
  if (!before && !after) return
  if (!after) {
    report('risky', 'cache-removed', 'every call goes to the ERP now')
    return
  }
  if (!before) {
    const message = `answers may be ${after.ttlSeconds + after.staleWhileRevalidateSeconds} s old now`
    report('risky', 'cache-added', message)
    return
  }
  for (const name of AGES) {
    const meaning: Meaning = {
      name: `cache.${name}`,
      up: ['risky', 'cache-lengthened'],
      down: ['safe', 'cache-shortened'],
    }
    compareNumber(meaning, before[name], after[name], report)
  }
  for (const trait of added(after.vary, before.vary)) {
    report('risky', 'cache-shared', `answers do not differ by ${trait} any more`)
  }
  for (const trait of added(before.vary, after.vary)) {
    report('safe', 'cache-split', `answers differ by ${trait} now`)
  }
}

/**
 * Compares the scopes that an operation asks for.
 *
 * @param consumers those of the new set: who of them loses the operation is shut out
 */
export function compareScopes(
  before: OperationPolicy,
  after: OperationPolicy,
  consumers: readonly ConsumerPolicy[],
  report: (...args: [...Parameters<Report>, concerns: readonly string[]]) => void,
): void {
  const come = added(before.scopes.all, after.scopes.all)
  if (come.length) {
    const callers = consumers.filter(({ scopes }) => before.scopes.all.every(s => scopes.has(s)))
    const shutOut = callers.filter(({ scopes }) => !come.every(scope => scopes.has(scope)))
    const message = `asks for ${come.join(' and ')} as well`
    // Even who holds the scope may have tokens that were asked for without it.
    report(
      'breaking',
      'scope-added',
      message,
      (shutOut.length ? shutOut : callers).map(({ id }) => id),
    )
  }
  const gone = added(after.scopes.all, before.scopes.all)
  if (gone.length) {
    const now = consumers.filter(({ scopes }) => after.scopes.all.every(s => scopes.has(s)))
    const message = `does not ask for ${gone.join(' and ')} any more: more may call it`
    report(
      'risky',
      'scope-removed',
      message,
      now.map(({ id }) => id),
    )
  }
}
