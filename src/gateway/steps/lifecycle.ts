import type { Clock } from '../../kernel/clock.ts'
import { Problem } from '../../kernel/problems.ts'
import { createWindows } from '../../model/windows.ts'
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
  /** Told of every call of a version on its way out, and whether it was let through. */
  countDeprecated(consumerId: string, passed: boolean): void
}

/**
 * Says how long a version still lives, and refuses it once its sunset has passed, and for a while now and
 * then before. A draft is there only for those who were asked to try it.
 *
 * @see RFC 9745 (Deprecation, a structured-field Date), RFC 8594 (Sunset, an HTTP-date)
 */
export function lifecycle(settings: LifecycleSettings, next: Handler<Allowed>): Handler<Allowed> {
  const { policy, mode, clock } = settings
  if (policy.state === 'active') return next
  if (policy.state === 'draft') return preview(settings, next)
  const brownOuts = createWindows(policy.brownOuts)
  const brownOut = verdict('lifecycle', 'refuse', 'a brown-out before the sunset', policy.at)
  const fields = lifecycleFields(policy, settings.successorPath)
  const retired = verdict('lifecycle', 'refuse', 'the version is retired', policy.at)
  const deprecated = verdict('lifecycle', 'note', 'the version is deprecated', policy.at)
  return exchange => {
    exchange.replyHeaders.push(...fields)
    const now = clock.now()
    const pastSunset = policy.sunsetAt !== undefined && now >= policy.sunsetAt
    const isOver = policy.state === 'retired' || pastSunset
    const { within, until } = brownOuts.at(now)
    settings.countDeprecated(exchange.principal.consumer.id, !isOver && !within)
    if (isOver) {
      refuse(exchange, retired, gone(settings.successorPath), mode)
    } else if (within) {
      refuse(exchange, brownOut, brownedOut(settings, until - now), mode)
    } else {
      exchange.trail.push(deprecated)
    }
    return next(exchange)
  }
}

/** There is no shadow mode: what is not published yet is not there. */
function preview({ policy }: LifecycleSettings, next: Handler<Allowed>): Handler<Allowed> {
  const hidden = verdict(
    'lifecycle',
    'refuse',
    'a draft that is not open to the consumer',
    policy.at,
  )
  const shown = verdict('lifecycle', 'note', 'a draft', policy.at)
  return exchange => {
    if (policy.previewFor.has(exchange.principal.consumer.id)) exchange.trail.push(shown)
    else refuse(exchange, hidden, new Problem('not-found'), 'enforce')
    return next(exchange)
  }
}

const brownedOut = ({ policy, successorPath }: LifecycleSettings, leftMs: number): Problem =>
  new Problem('version-brown-out', {
    detail:
      'This version is switched off for a while, as a reminder that it will go' +
      (policy.sunsetAt === undefined ? '.' : ` at ${new Date(policy.sunsetAt).toISOString()}.`) +
      (successorPath ? ` Use ${successorPath} instead.` : ''),
    retryAfterSeconds: Math.ceil(leftMs / 1000),
    ...(successorPath && { extensions: { successor: successorPath } }),
  })

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
