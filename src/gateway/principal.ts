import type { ConsumerPolicy } from '../policy/policy-set.ts'

/** Who calls: the only thing that the rest of the gateway learns from authentication. */
export type Principal = {
  readonly consumer: ConsumerPolicy
  /** What this credential may do: the token's scopes within the consumer's, or all of the consumer's for an API key. */
  readonly scopes: ReadonlySet<string>
  readonly credential: 'token' | 'api-key'
  /** Epoch ms after which the credential is no longer good. */
  readonly expiresAt: number
}
