import type { KeyObject } from 'node:crypto'

/** The keys of our own token issuer, as those need them who verify and publish. */
export interface SigningKeys {
  /** @returns undefined for a `kid` that is not ours or whose overlap has ended */
  verificationKey(kid: string): KeyObject | undefined
  /** What signs new tokens. */
  active(): { readonly kid: string; readonly key: KeyObject }
  /** Public keys, RFC 7517. */
  jwks(): { readonly keys: readonly object[] }
}
