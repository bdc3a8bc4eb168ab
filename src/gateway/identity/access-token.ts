import type { KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { Clock } from '../../kernel/clock.ts'
import { type Issuer, normalizeType } from './issuers.ts'

/** What a verified access token says. */
export type AccessToken = {
  /** The rules it was verified by: `Issuer.rules`. */
  readonly rules: string
  /** Whom the token names, by the issuer's consumer claim. */
  readonly clientId: string
  readonly scopes: ReadonlySet<string>
  /** `exp`, epoch ms. */
  readonly expiresAt: number
  /** `exp` and the tolerance for the issuer's clock, epoch ms. */
  readonly acceptedUntil: number
}

/** A token that is not good here. The message says why, to the caller, and repeats nothing of the token. */
export class TokenRejected extends Error {
  override name = 'TokenRejected'
}

/** Far above any honest token; longer ones are refused before they are parsed. */
export const MAX_TOKEN_LENGTH = 8192

/** Printable, without spaces; UUIDs and thumbprints have 36 and 43 characters. */
const KID = /^[\x21-\x7e]{1,256}$/
/** What a `Date` can hold, in seconds; beyond it `exp` could not even be printed. */
const LATEST_INSTANT = 8.64e12

/**
 * Verifies a JWT access token. The issuer is chosen by `iss` from the policies; algorithm, audience and
 * type are that issuer's, never the token's; `kid` only selects among that issuer's keys, and keys or
 * addresses within the token (`jwk`, `jku`, `x5u`) are not looked at.
 *
 * @throws TokenRejected; Problem `issuer-unreachable` when no keys can be had
 * @see RFC 8725 (JWT best practices), RFC 9068 section 4 (at+jwt)
 */
export async function verifyAccessToken(
  token: string,
  issuers: ReadonlyMap<string, Issuer>,
  clock: Clock,
): Promise<AccessToken> {
  if (token.length > MAX_TOKEN_LENGTH) throw new TokenRejected('The token is too long.')
  const { header, claims } = decode(token)
  const issuer = typeof claims.iss === 'string' ? issuers.get(claims.iss) : undefined
  if (!issuer) throw new TokenRejected('The token is from an issuer that is not accepted here.')
  const { alg, kid, typ, crit } = header
  if (typeof alg !== 'string' || !issuer.algorithms.includes(alg)) {
    throw new TokenRejected('The token is signed with an algorithm that is not accepted here.')
  }
  if (crit !== undefined) {
    throw new TokenRejected('The token has a critical header that is not understood here.')
  }
  const type = normalizeType(typ)
  if (!issuer.types.includes(type)) {
    throw new TokenRejected('The token is not of the type of an access token (typ at+jwt).')
  }
  if (typeof kid !== 'string' || !KID.test(kid)) {
    throw new TokenRejected('The token does not name the key that signed it (kid).')
  }
  const key = await issuer.keyFor(kid, alg)
  if (!key) throw new TokenRejected('The token is signed with a key that is not known.')
  const verified = verify(token, key, alg, issuer, clock.now())
  requireClaims(verified, type, issuer)
  const exp = Number(verified.exp)
  return {
    rules: issuer.rules,
    clientId: String(verified[issuer.consumerClaim]),
    scopes: new Set(
      typeof verified.scope === 'string' ? verified.scope.split(' ').filter(Boolean) : [],
    ),
    expiresAt: exp * 1000,
    acceptedUntil: (exp + issuer.clockToleranceSeconds) * 1000,
  }
}

type Part = Readonly<Record<string, unknown>>

/** @throws TokenRejected for anything but three parts in base64url, the first two of them JSON objects */
function decode(token: string): { header: Part; claims: Part } {
  const parts = token.split('.')
  const [header, claims] = parts.map(partOf)
  if (parts.length !== 3 || !header || !claims || !isCanonical(parts[2] ?? '')) {
    throw new TokenRejected('The token is not a signed JWT.')
  }
  return { header, claims }
}

function partOf(text: string, index: number): Part | undefined {
  if (index > 1 || !isCanonical(text)) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Part) : undefined
  } catch {
    return undefined
  }
}

/**
 * Node reads base64url leniently: bits that carry nothing, stray characters. One token must not have
 * many spellings, or each would be verified and remembered anew.
 */
const isCanonical = (text: string): boolean =>
  text !== '' && Buffer.from(text, 'base64url').toString('base64url') === text

function verify(token: string, key: KeyObject, alg: string, issuer: Issuer, now: number): Part {
  try {
    const claims: unknown = jwt.verify(token, key, {
      algorithms: [alg as jwt.Algorithm],
      issuer: issuer.issuer,
      audience: issuer.audience,
      clockTimestamp: Math.floor(now / 1000),
      clockTolerance: issuer.clockToleranceSeconds,
    })
    return claims as Part
  } catch (error) {
    throw new TokenRejected(reasonOf(error), { cause: error })
  }
}

/** jsonwebtoken takes a token without `exp` for one that never expires, and asks for no other claim. */
function requireClaims(claims: Part, type: string, { consumerClaim }: Issuer): void {
  const { exp } = claims
  if (typeof exp !== 'number' || !(exp > 0 && exp < LATEST_INSTANT)) {
    throw new TokenRejected('The token does not say when it expires (exp).')
  }
  // RFC 9068 section 2.2; another issuer may name the client by another claim.
  const required = type === 'at+jwt' ? ['sub', consumerClaim, 'iat', 'jti'] : [consumerClaim]
  const missing = required.filter(name => claims[name] === undefined)
  if (missing.length) throw new TokenRejected(`The token lacks ${missing.join(', ')}.`)
  const client = claims[consumerClaim]
  if (typeof client !== 'string' || client === '') {
    throw new TokenRejected(`The token's ${consumerClaim} names nobody.`)
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof jwt.TokenExpiredError) return expiredAt(error.expiredAt)
  if (error instanceof jwt.NotBeforeError)
    return `The token is not valid before ${iso(error.date)}.`
  const message = error instanceof Error ? error.message : ''
  if (message.startsWith('jwt audience invalid')) return 'The token is for another audience.'
  if (message.startsWith('invalid signature')) return 'The signature does not fit.'
  return 'The token is not valid.'
}

/** The reason of a token that was good once. */
export const expiredAt = (instant: Date): string => `The token expired at ${iso(instant)}.`

const iso = (instant: Date): string =>
  Number.isNaN(instant.getTime()) ? 'an instant out of range' : instant.toISOString()
