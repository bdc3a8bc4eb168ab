import type { KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { Clock } from '../../kernel/clock.ts'
import { Problem } from '../../kernel/problems.ts'
import type { GatewayPolicy, OwnIssuerPolicy, TokenIssuerPolicy } from '../../policy/policy-set.ts'
import type { SigningKeys } from '../../ports/signing-keys.ts'
import { IssuerUnreachable, type JwksPool } from './jwks-pool.ts'
import { challenge } from './www-authenticate.ts'

/** What a verified access token says. */
export type AccessToken = {
  readonly issuer: string
  /** Whom the token names, by the issuer's consumer claim. */
  readonly clientId: string
  readonly scopes: ReadonlySet<string>
  /** Epoch ms. */
  readonly expiresAt: number
}

/** Far above any honest token; longer ones are refused before they are parsed. */
export const MAX_TOKEN_LENGTH = 8192
const MAX_KID_LENGTH = 256

type Issuer = {
  readonly issuer: string
  readonly audience: string
  readonly algorithms: readonly string[]
  readonly types: readonly string[]
  readonly consumerClaim: string
  readonly clockToleranceSeconds: number
  keyFor(kid: string, algorithm: string): Promise<KeyObject | undefined>
}

/** Everything that RFC 9068 section 2.2 requires of our own tokens. */
const OWN_CLAIMS = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'] as const

/**
 * Verifies a JWT access token. The issuer is chosen by `iss` from the policies; algorithm, audience and
 * type are that issuer's, never the token's; `kid` only selects among that issuer's keys.
 *
 * @throws Problem `invalid-token`, saying what is wrong; `issuer-unreachable` when no keys can be had
 * @see RFC 8725 (JWT best practices), RFC 9068 (at+jwt)
 */
export function createTokenVerifier(
  policy: Pick<GatewayPolicy, 'ownIssuer' | 'tokenIssuers'>,
  deps: { ownKeys: SigningKeys; jwks: JwksPool; clock: Clock },
): (token: string) => Promise<AccessToken> {
  const { clock, jwks, ownKeys } = deps
  const issuers = new Map<string, Issuer>([
    [policy.ownIssuer.issuer, own(policy.ownIssuer, ownKeys)],
    ...policy.tokenIssuers.map(external => [external.issuer, foreign(external, jwks)] as const),
  ])

  return async token => {
    if (token.length > MAX_TOKEN_LENGTH) throw invalid('The token is too long.')
    const decoded = decode(token)
    const issuer = issuers.get(decoded.claims.iss ?? '')
    if (!issuer) throw invalid('The token is from an issuer that is not accepted here.')
    const { alg, kid, typ, crit } = decoded.header
    if (!issuer.algorithms.includes(alg))
      throw invalid('The token is signed with an algorithm that is not accepted.')
    if (crit !== undefined) throw invalid('The token has a critical header that is not understood.')
    if (!issuer.types.includes(normalizeType(typ)))
      throw invalid('The token is not an access token (typ at+jwt).')
    if (typeof kid !== 'string' || kid.length > MAX_KID_LENGTH)
      throw invalid('The token names no key (kid).')
    const key = await keyOf(issuer, kid, alg)
    if (!key) throw invalid('The token is signed with a key that is not known.')
    const claims = verify(token, key, issuer, clock.now())
    const clientId = claims[issuer.consumerClaim]
    if (typeof clientId !== 'string' || clientId === '')
      throw invalid(`The token has no ${issuer.consumerClaim}.`)
    return {
      issuer: issuer.issuer,
      clientId,
      scopes: scopesOf(claims.scope),
      expiresAt: Number(claims.exp) * 1000,
    }
  }
}

const own = (policy: OwnIssuerPolicy, keys: SigningKeys): Issuer => ({
  issuer: policy.issuer,
  audience: policy.audience,
  algorithms: [policy.algorithm],
  types: ['at+jwt'],
  consumerClaim: 'client_id',
  clockToleranceSeconds: 0,
  keyFor: async kid => keys.verificationKey(kid),
})

const foreign = (policy: TokenIssuerPolicy, jwks: JwksPool): Issuer => ({
  ...policy,
  types: policy.types.map(normalizeType),
  keyFor: (kid, algorithm) => jwks.keyFor(policy, kid, algorithm),
})

/** RFC 7515 section 4.1.9: `at+jwt` and `application/at+jwt` are the same. */
const normalizeType = (typ: unknown): string =>
  typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : ''

type Claims = jwt.JwtPayload & Record<string, unknown>

function decode(token: string): { header: jwt.JwtHeader; claims: Claims } {
  let decoded: jwt.Jwt | null
  try {
    decoded = jwt.decode(token, { complete: true })
  } catch {
    decoded = null
  }
  if (!decoded || typeof decoded.payload !== 'object') throw invalid('The token is not a JWT.')
  return { header: decoded.header, claims: decoded.payload }
}

async function keyOf(issuer: Issuer, kid: string, alg: string): Promise<KeyObject | undefined> {
  try {
    return await issuer.keyFor(kid, alg)
  } catch (error) {
    if (!(error instanceof IssuerUnreachable)) throw error
    throw new Problem('issuer-unreachable', { retryAfterSeconds: 5, cause: error })
  }
}

function verify(token: string, key: KeyObject, issuer: Issuer, now: number): Claims {
  let claims: unknown
  try {
    claims = jwt.verify(token, key, {
      algorithms: [...issuer.algorithms] as jwt.Algorithm[],
      issuer: issuer.issuer,
      audience: issuer.audience,
      clockTimestamp: Math.floor(now / 1000),
      clockTolerance: issuer.clockToleranceSeconds,
    })
  } catch (error) {
    throw invalid(reasonOf(error))
  }
  if (typeof claims !== 'object' || claims === null) throw invalid('The token is not a JWT.')
  const payload = claims as Claims
  // jsonwebtoken takes a token without exp for one that never expires.
  if (typeof payload.exp !== 'number') throw invalid('The token does not say when it expires.')
  if (issuer.types.includes('at+jwt')) {
    const missing = OWN_CLAIMS.filter(name => payload[name] === undefined && name !== 'client_id')
    if (missing.length) throw invalid(`The token lacks ${missing.join(', ')}.`)
  }
  return payload
}

function reasonOf(error: unknown): string {
  if (error instanceof jwt.TokenExpiredError)
    return `The token expired at ${error.expiredAt.toISOString()}.`
  if (error instanceof jwt.NotBeforeError)
    return `The token is not valid before ${error.date.toISOString()}.`
  const message = error instanceof Error ? error.message : ''
  if (message.startsWith('jwt audience invalid')) return 'The token is for another audience.'
  if (message.startsWith('invalid signature')) return 'The signature does not fit.'
  return 'The token is not valid.'
}

const scopesOf = (scope: unknown): ReadonlySet<string> =>
  new Set(typeof scope === 'string' ? scope.split(' ').filter(Boolean) : [])

const invalid = (detail: string): Problem =>
  new Problem('invalid-token', {
    detail,
    headers: { 'WWW-Authenticate': challenge({ error: 'invalid_token', description: detail }) },
  })
