import {
  constants,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto'
import { createCredentialVerifier } from '../../../../src/gateway/identity/credential-verifier.ts'
import { createJwksPool, type JwksPool } from '../../../../src/gateway/identity/jwks-pool.ts'
import { createTokenMemory } from '../../../../src/gateway/identity/token-memory.ts'
import type { Principal } from '../../../../src/gateway/principal.ts'
import type { Clock } from '../../../../src/kernel/clock.ts'
import { silentLogger } from '../../../../src/kernel/logger.ts'
import { Problem } from '../../../../src/kernel/problems.ts'
import type {
  ConsumerPolicy,
  PolicySet,
  TokenIssuerPolicy,
} from '../../../../src/policy/policy-set.ts'
import type { SigningKeys } from '../../../../src/ports/signing-keys.ts'
import { PLACE, testConsumer } from '../../../support/exchanges.ts'

export const ISSUER = 'https://api.shop.example'
export const AUDIENCE = 'https://retail.example'
export const FOREIGN = 'https://login.example'
export const KID = 'our-key'

/** Made once: RSA keys cost a tenth of a second each. */
export const ourKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
export const otherKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
export const ecKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

export const ownKeys: SigningKeys = {
  verificationKey: kid => (kid === KID ? createPublicKey(ourKey) : undefined),
  active: () => ({ kid: KID, key: ourKey }),
  jwks: () => ({ keys: [] }),
}

export const foreignIssuer = (overrides: Partial<TokenIssuerPolicy> = {}): TokenIssuerPolicy => ({
  at: PLACE,
  issuer: FOREIGN,
  jwksUri: 'http://127.0.0.1:9/jwks.json',
  audience: AUDIENCE,
  algorithms: ['RS256'],
  consumerClaim: 'client_id',
  types: ['at+jwt'],
  clockToleranceSeconds: 5,
  jwksCooldownSeconds: 30,
  jwksMaxAgeSeconds: 600,
  ...overrides,
})

/** The parts of a policy set that identity reads. */
export function identityPolicies(options: {
  consumers?: readonly ConsumerPolicy[]
  tokenIssuers?: readonly TokenIssuerPolicy[]
  audience?: string
  algorithm?: 'RS256' | 'PS256' | 'ES256'
}): PolicySet {
  const consumers = options.consumers ?? [testConsumer()]
  return {
    consumers: new Map(consumers.map(consumer => [consumer.id, consumer])),
    apis: new Map(),
    gateway: {
      ownIssuer: {
        at: PLACE,
        issuer: ISSUER,
        audience: options.audience ?? AUDIENCE,
        algorithm: options.algorithm ?? 'RS256',
        accessTokenTtlSeconds: 600,
        rotationOverlapSeconds: 3600,
      },
      tokenIssuers: options.tokenIssuers ?? [],
    },
  } as unknown as PolicySet
}

/** A verifier with what it needs, and a `bearer` that shows it a token. */
export function createVerifier(options: {
  clock: Clock
  policies?: PolicySet
  keys?: SigningKeys
  jwks?: JwksPool
  verified?: Parameters<typeof createCredentialVerifier>[0]['verified']
}) {
  const { clock } = options
  const verifier = createCredentialVerifier({
    policies: options.policies ?? identityPolicies({}),
    ownKeys: options.keys ?? ownKeys,
    jwks: options.jwks ?? createJwksPool({ clock, logger: silentLogger }),
    verified: options.verified ?? createTokenMemory(100),
    clock,
  })
  return {
    ...verifier,
    bearer: async (token: string): Promise<Principal> =>
      verifier.identify({ authorization: `Bearer ${token}` }),
  }
}

export type Claims = Record<string, unknown>

/** The claims of an honest token of ours. */
export const honestClaims = (clock: Clock): Claims => {
  const now = Math.floor(clock.now() / 1000)
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'tester',
    client_id: 'tester',
    iat: now,
    exp: now + 600,
    jti: 'one',
    scope: 'inventory:read',
  }
}

export const honestHeader = { typ: 'at+jwt', alg: 'RS256', kid: KID }

/** Signs anything as anything: by `alg` of the header, with no check at all. */
export function forge(header: unknown, claims: unknown, key: KeyObject | string): string {
  const encode = (value: unknown) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
  const signed = `${encode(header)}.${encode(claims)}`
  const { alg } = header as { alg?: string }
  return `${signed}.${signatureOf(signed, alg ?? 'none', key).toString('base64url')}`
}

function signatureOf(text: string, alg: string, key: KeyObject | string): Buffer {
  const bytes = Buffer.from(text)
  const hash = `sha${alg.slice(2)}`
  if (alg.startsWith('HS')) return createHmac(hash, key).update(bytes).digest()
  if (alg.startsWith('RS')) return signBytes(hash, bytes, key)
  if (alg.startsWith('PS')) {
    const padding = constants.RSA_PKCS1_PSS_PADDING
    return signBytes(hash, bytes, { key, padding, saltLength: 32 } as never)
  }
  if (alg.startsWith('ES')) {
    return signBytes(hash, bytes, { key, dsaEncoding: 'ieee-p1363' } as never)
  }
  return Buffer.alloc(0)
}

/** A problem with this code, this in its detail, and a challenge. For `assert.rejects` and `assert.throws`. */
export const problem =
  (code: string, detail = /./) =>
  (error: unknown): boolean => {
    if (!(error instanceof Problem)) throw error
    const text = `${error.code}: ${error.options.detail ?? ''}`
    if (error.code !== code || !detail.test(error.options.detail ?? ' ')) {
      throw new Error(`expected ${code} ${detail}, got ${text}`)
    }
    return true
  }
