import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import axios from 'axios'
import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { TokenIssuerPolicy } from '../../policy/policy-set.ts'

/** The keys of other issuers, fetched when they are needed and kept when an issuer is down. */
export interface JwksPool {
  /**
   * @param kid as the token says: untrusted, only compared
   * @returns undefined when the issuer has no such key
   * @throws IssuerUnreachable when no keys of it are held and none can be had
   */
  keyFor(issuer: TokenIssuerPolicy, kid: string, algorithm: string): Promise<KeyObject | undefined>
}

export class IssuerUnreachable extends Error {
  override name = 'IssuerUnreachable'
}

type Jwk = JsonWebKey & { kid?: string; use?: string; alg?: string }
type KeySet = {
  keys: readonly { jwk: Jwk; key: KeyObject }[]
  fetchedAt: number
  /** When a fetch was last tried; no other is tried within the cooldown. */
  triedAt: number
  fetching: Promise<void> | undefined
}

const MAX_BYTES = 256 * 1024
const MAX_KEYS = 100
const FETCH_TIMEOUT_MS = 3000

export function createJwksPool({ clock, logger }: { clock: Clock; logger: Logger }): JwksPool {
  const sets = new Map<string, KeySet>()

  const refresh = (issuer: TokenIssuerPolicy, set: KeySet): Promise<void> => {
    set.triedAt = clock.now()
    set.fetching ??= fetchKeys(issuer.jwksUri)
      .then(keys => {
        set.keys = keys
        set.fetchedAt = clock.now()
      })
      .catch(error => {
        const reason = error instanceof Error ? error.message : String(error)
        logger.warn(
          { issuer: issuer.issuer, reason },
          'the keys of a token issuer cannot be fetched',
        )
      })
      .finally(() => {
        set.fetching = undefined
      })
    return set.fetching
  }

  return {
    async keyFor(issuer, kid, algorithm) {
      let set = sets.get(issuer.jwksUri)
      if (!set) {
        set = { keys: [], fetchedAt: 0, triedAt: Number.NEGATIVE_INFINITY, fetching: undefined }
        sets.set(issuer.jwksUri, set)
      }
      const now = clock.now()
      const mayTry = now - set.triedAt >= issuer.jwksCooldownSeconds * 1000
      const old = now - set.fetchedAt >= issuer.jwksMaxAgeSeconds * 1000
      const found = find(set, kid, algorithm)
      if (found && !old) return found
      if (found) {
        // Old but known: used now, renewed for later callers.
        if (mayTry) void refresh(issuer, set)
        return found
      }
      if (set.fetching) await set.fetching
      else if (mayTry) await refresh(issuer, set)
      const after = find(set, kid, algorithm)
      if (!after && set.fetchedAt === 0) throw new IssuerUnreachable(issuer.issuer)
      return after
    },
  }
}

const find = (set: KeySet, kid: string, algorithm: string): KeyObject | undefined =>
  set.keys.find(({ jwk }) => jwk.kid === kid && (jwk.alg === undefined || jwk.alg === algorithm))
    ?.key

async function fetchKeys(uri: string): Promise<KeySet['keys']> {
  const { data } = await axios.get<{ keys?: unknown }>(uri, {
    timeout: FETCH_TIMEOUT_MS,
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    maxRedirects: 0,
    maxContentLength: MAX_BYTES,
    proxy: false,
    responseType: 'json',
    headers: { Accept: 'application/jwk-set+json, application/json' },
  })
  if (!Array.isArray(data?.keys)) throw new Error('the answer is not a JWK set')
  return data.keys.slice(0, MAX_KEYS).flatMap((jwk: Jwk) => {
    const usable = typeof jwk?.kid === 'string' && jwk.kty !== 'oct' && (jwk.use ?? 'sig') === 'sig'
    if (!usable) return []
    try {
      return [{ jwk, key: createPublicKey({ key: jwk, format: 'jwk' }) }]
    } catch {
      return []
    }
  })
}
