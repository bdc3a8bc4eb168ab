import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '../../kernel/clock.ts'
import type { MaybePromise } from '../../kernel/maybe-promise.ts'
import { Problem } from '../../kernel/problems.ts'
import type { ConsumerPolicy, PolicySet } from '../../policy/policy-set.ts'
import type { SigningKeys } from '../../ports/signing-keys.ts'
import type { Principal } from '../principal.ts'
import { type AccessToken, createTokenVerifier } from './access-token.ts'
import { hashCredential, isWellFormedApiKey } from './api-key.ts'
import type { JwksPool } from './jwks-pool.ts'
import type { TokenMemory } from './token-memory.ts'
import { challenge } from './www-authenticate.ts'

/** Turns the credentials of a call into who calls; synchronous for a token seen before. */
export interface CredentialVerifier {
  /**
   * @throws Problem `unauthenticated`, `invalid-token`, `invalid-api-key`, `issuer-unreachable`, or
   *   `invalid-request` for more than one kind of credential
   */
  identify(headers: IncomingHttpHeaders): MaybePromise<Principal>
}

/** What outlives a policy set: a swap that leaves the issuers alone verifies no token again. */
export type VerifiedTokens = TokenMemory<AccessToken>

/**
 * @param verified tokens remembered across policy sets
 */
export function createCredentialVerifier(deps: {
  policies: PolicySet
  ownKeys: SigningKeys
  jwks: JwksPool
  verified: VerifiedTokens
  clock: Clock
}): CredentialVerifier {
  const { policies, clock, verified } = deps
  const { ownIssuer, tokenIssuers } = policies.gateway
  const verifyToken = createTokenVerifier(policies.gateway, deps)
  const issuers = new Set([ownIssuer.issuer, ...tokenIssuers.map(({ issuer }) => issuer)])
  const byClientId = new Map<string, ConsumerPolicy>()
  const byKeyHash = new Map<string, { consumer: ConsumerPolicy; expiresAt: number }>()
  for (const consumer of policies.consumers.values()) {
    byClientId.set(consumer.clientId, consumer)
    for (const { hash, expiresAt } of consumer.apiKeyHashes) {
      byKeyHash.set(hash, { consumer, expiresAt: expiresAt ?? Number.POSITIVE_INFINITY })
    }
  }
  /** Principals of this policy set, by the header that proved them. */
  const principals = new WeakMap<AccessToken, Principal>()
  const byApiKey = new Map<string, Principal>()

  const principalOf = (token: AccessToken): Principal => {
    const present = principals.get(token)
    if (present) return present
    const consumer = byClientId.get(token.clientId)
    if (!consumer || !issuers.has(token.issuer)) {
      throw invalidToken('The token names a consumer that is not known here.')
    }
    const principal: Principal = {
      consumer,
      scopes: token.scopes.intersection(consumer.scopes),
      credential: 'token',
      expiresAt: token.expiresAt,
    }
    principals.set(token, principal)
    return principal
  }

  const identifyByToken = (authorization: string): MaybePromise<Principal> => {
    const known = verified.get(authorization)
    if (known) {
      if (known.expiresAt > clock.now()) return principalOf(known)
      throw invalidToken(`The token expired at ${new Date(known.expiresAt).toISOString()}.`)
    }
    const token = /^bearer +([^\s,]+)$/i.exec(authorization)?.[1]
    if (token === undefined) {
      throw invalidToken('The Authorization header must be "Bearer" and an access token.')
    }
    return verifyToken(token).then(access => {
      const principal = principalOf(access)
      verified.set(authorization, access)
      return principal
    })
  }

  const identifyByKey = (key: string): Principal => {
    const known = byApiKey.get(key)
    if (known) {
      if (known.expiresAt > clock.now()) return known
      throw invalidKey()
    }
    if (!isWellFormedApiKey(key)) throw invalidKey()
    const found = byKeyHash.get(hashCredential(key))
    if (!found || found.expiresAt <= clock.now()) throw invalidKey()
    const principal: Principal = {
      consumer: found.consumer,
      scopes: found.consumer.scopes,
      credential: 'api-key',
      expiresAt: found.expiresAt,
    }
    // Bounded: only keys that stand in the policies get here.
    byApiKey.set(key, principal)
    return principal
  }

  return {
    identify(headers) {
      const { authorization } = headers
      const key = headers['x-api-key']
      if (authorization !== undefined && key !== undefined) throw twoCredentials()
      if (authorization !== undefined) return identifyByToken(authorization)
      if (typeof key === 'string') return identifyByKey(key)
      throw new Problem('unauthenticated', { headers: { 'WWW-Authenticate': challenge({}) } })
    },
  }
}

const invalidToken = (detail: string): Problem =>
  new Problem('invalid-token', {
    detail,
    headers: { 'WWW-Authenticate': challenge({ error: 'invalid_token', description: detail }) },
  })

const invalidKey = (): Problem =>
  new Problem('invalid-api-key', { headers: { 'WWW-Authenticate': challenge({}) } })

/** RFC 6750 section 2: one method of transmitting credentials in a request. */
const twoCredentials = (): Problem =>
  new Problem('invalid-request', {
    detail: 'Send either a bearer token or an API key, not both.',
    errors: [
      {
        pointer: '#/header/x-api-key',
        code: 'ambiguous',
        message: 'must not stand beside Authorization',
      },
    ],
    headers: {
      'WWW-Authenticate': challenge({
        error: 'invalid_request',
        description: 'one credential only',
      }),
    },
  })
