import { Problem } from '../../kernel/problems.ts'
import type { Mode, OperationPolicy } from '../../policy/policy-set.ts'
import type { Allowed, Handler, Identified } from '../exchange.ts'
import { challenge } from '../identity/www-authenticate.ts'
import { refuse } from '../refuse.ts'
import { verdict } from '../trail.ts'

/**
 * Asks for every scope that the operation needs; a refusal names those that are missing.
 *
 * @see RFC 6750 section 3.1 (insufficient_scope)
 */
export function authorize(
  settings: { scopes: OperationPolicy['scopes']; mode: Mode },
  next: Handler<Allowed>,
): Handler<Identified> {
  const { scopes, mode } = settings
  const passed = verdict('authorize', 'pass', 'the credentials carry every scope', scopes.at)
  const refused = verdict('authorize', 'refuse', 'the credentials lack a scope', scopes.at)
  const needed = scopes.all.join(' ')
  return exchange => {
    const missing = scopes.all.filter(scope => !exchange.principal.scopes.has(scope))
    if (missing.length) {
      const problem = new Problem('insufficient-scope', {
        detail: `This operation needs ${missing.join(' and ')}.`,
        extensions: { missingScopes: missing },
        headers: {
          'WWW-Authenticate': challenge({ error: 'insufficient_scope', scope: needed }),
        },
      })
      refuse(exchange, refused, problem, mode)
    } else {
      exchange.trail.push(passed)
    }
    return next(Object.assign(exchange, { scopesChecked: true as const }))
  }
}
