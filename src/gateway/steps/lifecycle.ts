import type { Clock } from '../../kernel/clock.ts'
import { Problem } from '../../kernel/problems.ts'
import type { LifecyclePolicy, Mode } from '../../policy/policy-set.ts'
import type { Allowed, Handler } from '../exchange.ts'
import { refuse } from '../refuse.ts'
import { verdict } from '../trail.ts'

export type LifecycleSettings = {
  readonly policy: LifecyclePolicy
  readonly mode: Mode
  /** Path of the successor version, `/inventory/v2`. */
  readonly successorPath: string | undefined
  readonly clock: Clock
  /** Told of every call of a version on its way out. */
  countDeprecated(consumerId: string): void
}

/**
 * Says how long a version still lives, and refuses it once its sunset has passed.
 *
 * @see RFC 9745 (Deprecation, a structured-field Date), RFC 8594 (Sunset, an HTTP-date)
 */
export function lifecycle(settings: LifecycleSettings, next: Handler<Allowed>): Handler<Allowed> {
  const { policy, mode, clock } = settings
  if (policy.state === 'active' || policy.state === 'draft') return next
  const fields = lifecycleFields(policy, settings.successorPath)
  const retired = verdict('lifecycle', 'refuse', 'the version is retired', policy.at)
  const deprecated = verdict('lifecycle', 'note', 'the version is deprecated', policy.at)
  return exchange => {
    settings.countDeprecated(exchange.principal.consumer.id)
    exchange.replyHeaders.push(...fields)
    const pastSunset = policy.sunsetAt !== undefined && clock.now() >= policy.sunsetAt
    if (policy.state === 'retired' || pastSunset) {
      refuse(exchange, retired, gone(settings.successorPath), mode)
    } else {
      exchange.trail.push(deprecated)
    }
    return next(exchange)
  }
}

function gone(successorPath: string | undefined): Problem {
  return new Problem('version-retired', {
    ...(successorPath && {
      detail: `Use ${successorPath} instead.`,
      extensions: { successor: successorPath },
    }),
  })
}

function lifecycleFields(policy: LifecyclePolicy, successorPath: string | undefined): string[] {
  const fields: string[] = []
  if (policy.deprecatedAt !== undefined) {
    fields.push('Deprecation', `@${Math.floor(policy.deprecatedAt / 1000)}`)
  }
  if (policy.sunsetAt !== undefined) fields.push('Sunset', new Date(policy.sunsetAt).toUTCString())
  const links = [
    policy.migrationGuide && `<${policy.migrationGuide}>; rel="deprecation"; type="text/html"`,
    successorPath && `<${successorPath}>; rel="successor-version"`,
  ].filter(Boolean)
  if (links.length) fields.push('Link', links.join(', '))
  return fields
}
