import { Problem } from '../../kernel/problems.ts'
import type { Mode, OperationPolicy } from '../../policy/policy-set.ts'
import type { Allowed, Handler, Identified } from '../exchange.ts'
import { challenge } from '../identity/www-authenticate.ts'
import { refuse } from '../refuse.ts'
import { verdict } from '../trail.ts'

/**
 * Asks for every scope that the operation needs; a refusal names those that are missing.
 *
 * @param settings.issuer our public address, for the challenge
 * @see RFC 6750 section 3.1 (insufficient_scope)
 */
export function authorize(
  settings: { scopes: OperationPolicy['scopes']; mode: Mode; issuer: string },
  next: Handler<Allowed>,
): Handler<Identified> {
  const { scopes, mode, issuer } = settings
  const passed = verdict('authorize', 'pass', 'the credentials carry every scope', scopes.at)
  const refused = verdict('authorize', 'refuse', 'the credentials lack a scope', scopes.at)
  const headers = {
    'WWW-Authenticate': challenge(issuer, {
      error: 'insufficient_scope',
      scope: scopes.all.join(' '),
    }),
  }
  return exchange => {
    const held = exchange.principal.scopes
    const missing = scopes.all.filter(scope => !held.has(scope))
    if (missing.length) {
      const problem = new Problem('insufficient-scope', {
        detail: `This operation needs ${missing.join(' and ')}.`,
        extensions: { missingScopes: missing },
        headers,
      })
      refuse(exchange, refused, problem, mode)
    } else {
      exchange.trail.push(passed)
    }
    return next(Object.assign(exchange, { scopesChecked: true as const }))
  }
}
