import { andThen, orElse } from '../../kernel/maybe-promise.ts'
import type { Place } from '../../kernel/place.ts'
import type { Arrived, Handler, Identified } from '../exchange.ts'
import type { CredentialVerifier } from '../identity/credential-verifier.ts'
import type { Principal } from '../principal.ts'
import { verdict } from '../trail.ts'

/**
 * Establishes who calls. There is no shadow mode: nothing runs for nobody.
 *
 * @throws Problem as the verifier says
 */
export function authenticate(
  settings: { credentials: CredentialVerifier; at: Place },
  next: Handler<Identified>,
): Handler<Arrived> {
  const { credentials, at } = settings
  const refused = verdict(
    'authenticate',
    'refuse',
    'the credentials do not identify a consumer',
    at,
  )
  const byToken = verdict('authenticate', 'pass', 'identified by access token', at)
  const byKey = verdict('authenticate', 'pass', 'identified by API key', at)
  return exchange => {
    const principal = orElse<Principal>(
      () => credentials.identify(exchange.headers),
      error => {
        exchange.trail.push(refused)
        throw error
      },
    )
    return andThen(principal, known => {
      exchange.trail.push(known.credential === 'token' ? byToken : byKey)
      return next(Object.assign(exchange, { principal: known }))
    })
  }
}
