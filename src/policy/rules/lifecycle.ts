import type { LifecyclePolicy } from '../policy-set.ts'
import { didYouMean } from '../suggest.ts'
import type { Rule } from './rule.ts'

type Mistake = readonly [wrong: boolean, rule: string, message: string]

/** A version that goes says when, and what comes after it. */
export const lifecycle: Rule = ({ set, now, incomplete }, findings) => {
  for (const { id, versions } of set.apis.values()) {
    for (const { version, lifecycle } of versions.values()) {
      const { successor, at, state, sunsetAt } = lifecycle
      const name = `${id} ${version}`
      const next = successor === undefined ? undefined : versions.get(successor)?.lifecycle
      for (const [wrong, rule, message] of mistakes(lifecycle, version, next)) {
        if (wrong) findings.error(at, rule, `${name} ${message}`)
      }
      for (const consumer of lifecycle.previewFor) {
        if (incomplete.has('consumers') || set.consumers.has(consumer)) continue
        const message = `there is no consumer "${consumer}"${didYouMean(consumer, set.consumers.keys())}`
        findings.error(at, 'unknown-consumer', `${name} previewFor: ${message}`)
      }
      if (state !== 'retired' && sunsetAt !== undefined && sunsetAt <= now) {
        const message = `${name}'s sunset has passed: its calls are refused; set state: retired`
        findings.warning(at, 'sunset-passed', message)
      }
    }
  }
}

function mistakes(
  { state, deprecatedAt, sunsetAt, successor, brownOuts, previewFor }: LifecyclePolicy,
  version: string,
  next: LifecyclePolicy | undefined,
): readonly Mistake[] {
  const goes = state === 'deprecated'
  return [
    [
      goes && deprecatedAt === undefined,
      'deprecated-without-date',
      'is deprecated: say since when (deprecatedAt)',
    ],
    [
      goes && sunsetAt === undefined,
      'deprecated-without-sunset',
      'is deprecated: say until when it lives (sunsetAt)',
    ],
    [
      goes && successor === undefined,
      'deprecated-without-successor',
      'is deprecated: name its successor',
    ],
    [
      deprecatedAt !== undefined && sunsetAt !== undefined && sunsetAt < deprecatedAt,
      'sunset-before-deprecation',
      'would end before it is deprecated (RFC 9745 section 4)',
    ],
    [
      state === 'active' && (deprecatedAt !== undefined || sunsetAt !== undefined),
      'active-with-end',
      'is active, but has an end: set state: deprecated',
    ],
    [
      brownOuts.length > 0 && sunsetAt === undefined,
      'brown-out-without-sunset',
      'has brown-outs, but no sunset that they remind of',
    ],
    [
      state !== 'draft' && previewFor.size > 0,
      'preview-without-draft',
      'is no draft: previewFor concerns nobody',
    ],
    [
      successor !== undefined && !next && successor !== version,
      'unknown-successor',
      `names ${successor} as its successor, which does not exist`,
    ],
    [successor === version, 'unknown-successor', 'names itself as its successor'],
    [
      next !== undefined && successor !== version && ['draft', 'retired'].includes(next.state),
      'successor-not-open',
      `sends its callers to ${successor}, which is ${next?.state}`,
    ],
  ]
}
