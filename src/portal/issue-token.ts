import { randomUUID } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { Clock } from '../kernel/clock.ts'
import type { ConsumerPolicy, OwnIssuerPolicy } from '../policy/policy-set.ts'
import type { SigningKeys } from '../ports/signing-keys.ts'

/**
 * Issues an access token to a consumer.
 *
 * @see RFC 9068 section 2 (at+jwt)
 */
export function issueToken(
  consumer: ConsumerPolicy,
  scopes: readonly string[],
  deps: { policy: OwnIssuerPolicy; keys: SigningKeys; clock: Clock },
): string {
  const { policy, keys, clock } = deps
  const { kid, key } = keys.active()
  const now = Math.floor(clock.now() / 1000)
  const claims = {
    iss: policy.issuer,
    sub: consumer.clientId,
    aud: policy.audience,
    client_id: consumer.clientId,
    iat: now,
    exp: now + policy.accessTokenTtlSeconds,
    jti: randomUUID(),
    scope: scopes.join(' '),
  }
  return jwt.sign(claims, key, {
    algorithm: policy.algorithm,
    header: { alg: policy.algorithm, typ: 'at+jwt', kid },
  })
}
