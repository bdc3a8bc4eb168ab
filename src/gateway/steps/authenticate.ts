import type { Place } from '../../kernel/place.ts'
import type { Arrived, Handler, Identified } from '../exchange.ts'
import type { CredentialVerifier } from '../identity/credential-verifier.ts'
import type { Principal } from '../principal.ts'
import { verdict } from '../trail.ts'

/**
 * Establishes who calls; without waiting, for credentials that were verified before. There is no shadow
 * mode: nothing runs for nobody.
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

  const refuse = (exchange: Arrived, error: unknown): never => {
    exchange.trail.push(refused)
    throw error
  }
  const goOn = (exchange: Arrived, principal: Principal) => {
    exchange.trail.push(principal.credential === 'token' ? byToken : byKey)
    return next(Object.assign(exchange, { principal }))
  }
  return exchange => {
    let principal: ReturnType<CredentialVerifier['identify']>
    try {
      principal = credentials.identify(exchange.headers)
    } catch (error) {
      return refuse(exchange, error)
    }
    if (!(principal instanceof Promise)) return goOn(exchange, principal)
    return principal.then(
      known => goOn(exchange, known),
      error => refuse(exchange, error),
    )
  }
}
