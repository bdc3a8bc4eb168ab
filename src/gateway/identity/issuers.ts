import type { KeyObject } from 'node:crypto'
import { canonicalJson } from '../../kernel/canonical-json.ts'
import { Problem } from '../../kernel/problems.ts'
import type { GatewayPolicy, OwnIssuerPolicy, TokenIssuerPolicy } from '../../policy/policy-set.ts'
import type { SigningKeys } from '../../ports/signing-keys.ts'
import { IssuerUnreachable, type JwksPool } from './jwks-pool.ts'

/** What a token of one issuer must be like; ours and others' are judged by the same rules. */
export type Issuer = {
  readonly issuer: string
  readonly audience: string
  readonly algorithms: readonly string[]
  /** `typ` values, without `application/`, in lower case. */
  readonly types: readonly string[]
  readonly consumerClaim: string
  readonly clockToleranceSeconds: number
  /** Everything above as one text: what was verified under other rules is not remembered under these. */
  readonly rules: string
  /** @throws Problem `issuer-unreachable` */
  keyFor(kid: string, algorithm: string): Promise<KeyObject | undefined>
}

/** @returns the issuers whose tokens are accepted, by the name that stands in `iss` */
export function acceptedIssuers(
  { ownIssuer, tokenIssuers }: Pick<GatewayPolicy, 'ownIssuer' | 'tokenIssuers'>,
  { ownKeys, jwks }: { ownKeys: SigningKeys; jwks: JwksPool },
): ReadonlyMap<string, Issuer> {
  const issuers = [own(ownIssuer, ownKeys), ...tokenIssuers.map(policy => foreign(policy, jwks))]
  return new Map(issuers.map(issuer => [issuer.issuer, issuer]))
}

/** RFC 7515 section 4.1.9: `at+jwt` and `application/at+jwt` are the same. */
export const normalizeType = (typ: unknown): string =>
  typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : ''

function own(policy: OwnIssuerPolicy, keys: SigningKeys): Issuer {
  const rules = {
    issuer: policy.issuer,
    audience: policy.audience,
    algorithms: [policy.algorithm],
    types: ['at+jwt'],
    consumerClaim: 'client_id',
    clockToleranceSeconds: 0,
  }
  return { ...rules, rules: canonicalJson(rules), keyFor: async kid => keys.verificationKey(kid) }
}

function foreign(policy: TokenIssuerPolicy, jwks: JwksPool): Issuer {
  const rules = {
    issuer: policy.issuer,
    audience: policy.audience,
    algorithms: policy.algorithms,
    types: policy.types.map(normalizeType),
    consumerClaim: policy.consumerClaim,
    clockToleranceSeconds: policy.clockToleranceSeconds,
  }
  return {
    ...rules,
    rules: canonicalJson({ ...rules, jwksUri: policy.jwksUri }),
    async keyFor(kid, algorithm) {
      try {
        return await jwks.keyFor(policy, kid, algorithm)
      } catch (error) {
        if (!(error instanceof IssuerUnreachable)) throw error
        throw new Problem('issuer-unreachable', {
          retryAfterSeconds: policy.jwksCooldownSeconds,
          cause: error,
        })
      }
    },
  }
}
