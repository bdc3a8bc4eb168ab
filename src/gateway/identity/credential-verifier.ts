import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '../../kernel/clock.ts'
import type { MaybePromise } from '../../kernel/maybe-promise.ts'
import type { ConsumerPolicy, PolicySet } from '../../policy/policy-set.ts'
import type { SigningKeys } from '../../ports/signing-keys.ts'
import type { Principal } from '../principal.ts'
import {
  type AccessToken,
  expiredAt,
  MAX_TOKEN_LENGTH,
  TokenRejected,
  verifyAccessToken,
} from './access-token.ts'
import { hashCredential, isWellFormedApiKey } from './api-key.ts'
import { acceptedIssuers } from './issuers.ts'
import type { JwksPool } from './jwks-pool.ts'
import { createRefusals } from './refusals.ts'
import type { TokenMemory } from './token-memory.ts'

/** Turns the credentials of a call into who calls; synchronous for a token seen before. */
export interface CredentialVerifier {
  /**
   * @throws Problem `unauthenticated`, `invalid-token`, `invalid-api-key`, `issuer-unreachable`, or
   *   `invalid-request` for more than one credential
   */
  identify(headers: IncomingHttpHeaders): MaybePromise<Principal>
}

/** What outlives a policy set: a swap that leaves an issuer's rules alone verifies none of its tokens again. */
export type VerifiedTokens = TokenMemory<AccessToken>

/**
 * Builds the verifier of one policy set. What a token says is verified once and remembered across sets;
 * what it may do is read from this set, so a consumer that was removed is gone at once.
 *
 * @param deps.verified tokens remembered across policy sets
 */
export function createCredentialVerifier(deps: {
  policies: PolicySet
  ownKeys: SigningKeys
  jwks: JwksPool
  verified: VerifiedTokens
  clock: Clock
}): CredentialVerifier {
  const { policies, clock, verified } = deps
  const refusals = createRefusals(policies.gateway.ownIssuer.issuer)
  const issuers = acceptedIssuers(policies.gateway, deps)
  const rules = new Set([...issuers.values()].map(issuer => issuer.rules))
  const byClientId = new Map([...policies.consumers.values()].map(c => [c.clientId, c]))
  const byKeyHash = new Map([...policies.consumers.values()].flatMap(keyHolders))
  /** Principals of this policy set, each made once. */
  const principals = new WeakMap<AccessToken, Principal>()

  const principalOf = (token: AccessToken): Principal => {
    const present = principals.get(token)
    if (present) return present
    const consumer = byClientId.get(token.clientId)
    if (!consumer) throw refusals.invalidToken('The token names a consumer that is not known here.')
    const principal: Principal = {
      consumer,
      scopes: token.scopes.intersection(consumer.scopes),
      credential: 'token',
      expiresAt: token.acceptedUntil,
    }
    principals.set(token, principal)
    return principal
  }

  const verify = async (authorization: string, token: string): Promise<Principal> => {
    try {
      const access = await verifyAccessToken(token, issuers, clock)
      const principal = principalOf(access)
      verified.set(authorization, access)
      return principal
    } catch (error) {
      throw error instanceof TokenRejected ? refusals.invalidToken(error.message) : error
    }
  }

  const identifyByToken = (authorization: string): MaybePromise<Principal> => {
    const known = verified.get(authorization)
    if (known !== undefined && rules.has(known.rules)) {
      if (known.acceptedUntil > clock.now()) return principalOf(known)
      throw refusals.invalidToken(expiredAt(new Date(known.expiresAt)))
    }
    // Before anything else reads it.
    if (authorization.length > MAX_TOKEN_LENGTH + 'Bearer '.length) {
      throw refusals.invalidToken('The token is too long.')
    }
    if (authorization.includes(',')) {
      throw refusals.ambiguous('authorization', 'must be sent once')
    }
    if (!/^bearer(?: |$)/i.test(authorization)) {
      throw refusals.unauthenticated('The Authorization header must be "Bearer" and a token.')
    }
    return verify(authorization, authorization.slice('Bearer'.length).trim())
  }

  const identifyByKey = (key: string): Principal => {
    if (!isWellFormedApiKey(key)) {
      throw refusals.invalidApiKey('The key is mistyped: its form or its checksum is wrong.')
    }
    // A look-up by hash: its timing tells of the hash, from which no key can be had.
    const holder = byKeyHash.get(hashCredential(key))
    if (!holder) throw refusals.invalidApiKey('The key is not known, or no longer.')
    if (holder.expiresAt <= clock.now()) {
      throw refusals.invalidApiKey(
        `The key expired at ${new Date(holder.expiresAt).toISOString()}.`,
      )
    }
    return holder
  }

  return {
    identify(headers) {
      const { authorization } = headers
      const key = headers['x-api-key']
      if (authorization !== undefined && key !== undefined) {
        throw refusals.ambiguous('x-api-key', 'must not stand beside Authorization')
      }
      if (authorization !== undefined) return identifyByToken(authorization)
      if (typeof key === 'string') return identifyByKey(key)
      throw refusals.unauthenticated()
    },
  }
}

/** Whom a consumer's API keys identify: all that the consumer may, until the key expires. */
const keyHolders = (consumer: ConsumerPolicy): readonly (readonly [string, Principal])[] =>
  consumer.apiKeyHashes.map(({ hash, expiresAt }) => [
    hash,
    {
      consumer,
      scopes: consumer.scopes,
      credential: 'api-key',
      expiresAt: expiresAt ?? Number.POSITIVE_INFINITY,
    },
  ])
