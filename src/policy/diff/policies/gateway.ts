import type { GatewayPolicy } from '../../policy-set.ts'
import { added, type Report } from '../change.ts'
import { compareNumber, limit } from '../numbers.ts'
import { textOf } from '../text-of.ts'

/** Compares what holds for the gateway as a whole. */
export function compareGateways(before: GatewayPolicy, after: GatewayPolicy, report: Report): void {
  for (const name of ['maxBodyBytes', 'maxHeaderBytes', 'maxConnections'] as const) {
    compareNumber(limit(`listener.${name}`), before.listener[name], after.listener[name], report)
  }
  const [old, now] = [before.ownIssuer, after.ownIssuer]
  if (old.audience !== now.audience) {
    report('breaking', 'audience-changed', `tokens are for ${now.audience} now`)
  }
  if (old.algorithm !== now.algorithm) {
    report('risky', 'algorithm-changed', `tokens are signed by ${now.algorithm} now`)
  }
  compareNumber(
    {
      name: 'ownIssuer.accessTokenTtlSeconds',
      up: ['risky', 'token-life-changed'],
      down: ['safe', 'token-life-changed'],
    },
    old.accessTokenTtlSeconds,
    now.accessTokenTtlSeconds,
    report,
  )
  compareIssuers(before, after, report)
  if (textOf(before.workClasses) !== textOf(after.workClasses)) {
    const shares = after.workClasses.map(
      ({ name, weight, floor }) => `${name} (${weight}, ${floor})`,
    )
    report('risky', 'work-classes-changed', `work classes share by ${shares.join(', ')} now`)
  }
  for (const key of ['responseValidation', 'trustSampling', 'accessLog', 'cache'] as const) {
    if (textOf(before[key]) === textOf(after[key])) continue
    report(
      'risky',
      'gateway-changed',
      `${key} was ${textOf(before[key])}, is now ${textOf(after[key])}`,
    )
  }
  const [shedBefore, shedAfter] = [before.shedding, after.shedding].map(limits =>
    limits ? `${limits.eventLoopDelayMs} ms or ${limits.maxInFlight} calls` : 'nothing',
  )
  if (shedBefore !== shedAfter) {
    report(
      'risky',
      'shedding-changed',
      `load was shed past ${shedBefore}, is now past ${shedAfter}`,
    )
  }
  if (textOf(before.freezes) !== textOf(after.freezes)) {
    report('safe', 'freezes-changed', `${after.freezes.length} freeze windows`)
  }
}

function compareIssuers(before: GatewayPolicy, after: GatewayPolicy, report: Report): void {
  const byName = ({ tokenIssuers }: GatewayPolicy) =>
    new Map(tokenIssuers.map(({ at: _, ...issuer }) => [issuer.issuer, issuer]))
  const [old, now] = [byName(before), byName(after)]
  for (const name of added(now.keys(), old.keys())) {
    report('breaking', 'issuer-removed', `tokens of ${name} are not accepted any more`)
  }
  for (const name of added(old.keys(), now.keys())) {
    report('risky', 'issuer-added', `tokens of ${name} are accepted now`)
  }
  for (const [name, issuer] of now) {
    const earlier = old.get(name)
    if (!earlier || textOf(earlier) === textOf(issuer)) continue
    report('risky', 'issuer-changed', `tokens of ${name} are held to something else`)
  }
}
