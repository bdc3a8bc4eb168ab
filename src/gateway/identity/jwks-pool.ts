import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import axios from 'axios'
import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { TokenIssuerPolicy } from '../../policy/policy-set.ts'
import { keyFits } from './key-fits.ts'

/** The keys of other issuers, fetched when they are needed and kept when an issuer is down. */
export interface JwksPool {
  /**
   * @param kid as the token says: untrusted, only compared
   * @returns undefined when the issuer has no such key for the algorithm
   * @throws IssuerUnreachable when no keys of it are held and none can be had
   */
  keyFor(issuer: TokenIssuerPolicy, kid: string, algorithm: string): Promise<KeyObject | undefined>
}

export class IssuerUnreachable extends Error {
  override name = 'IssuerUnreachable'
}

type Key = { readonly kid: string; readonly alg: string | undefined; readonly key: KeyObject }

/** What is held of one issuer. Times are monotonic ms: a clock set back must not stop fetching. */
type Holding = {
  /** Undefined until they were fetched once. */
  keys: readonly Key[] | undefined
  fetchedAt: number
  triedAt: number
  fetching: Promise<void> | undefined
}

/** A set of a hundred RSA keys is a third of this. */
const MAX_BYTES = 256 * 1024
const MAX_KEYS = 100
/** The first caller after an issuer went down waits this long, once in a cooldown. */
const FETCH_TIMEOUT_MS = 2_000

/** @param fetchTimeoutMs from asking to the last byte */
export function createJwksPool({
  clock,
  logger,
  fetchTimeoutMs = FETCH_TIMEOUT_MS,
}: {
  clock: Clock
  logger: Logger
  fetchTimeoutMs?: number
}): JwksPool {
  const holdings = new Map<string, Holding>()

  const holdingOf = (uri: string): Holding => {
    let holding = holdings.get(uri)
    if (!holding) {
      const never = Number.NEGATIVE_INFINITY
      holding = { keys: undefined, fetchedAt: never, triedAt: never, fetching: undefined }
      holdings.set(uri, holding)
    }
    return holding
  }

  const fetchOnce = async (issuer: TokenIssuerPolicy, holding: Holding): Promise<void> => {
    try {
      holding.keys = await fetchKeys(issuer.jwksUri, fetchTimeoutMs)
      holding.fetchedAt = clock.monotonic()
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      const kept = holding.keys?.length ?? 0
      logger.warn({ issuer: issuer.issuer, reason, kept }, 'token issuer: keys cannot be fetched')
    } finally {
      holding.fetching = undefined
    }
  }

  /** Everybody who needs new keys waits for the one fetch; within the cooldown there is no other. */
  const refresh = async (issuer: TokenIssuerPolicy, holding: Holding): Promise<void> => {
    if (!holding.fetching) {
      const now = clock.monotonic()
      if (now - holding.triedAt < issuer.jwksCooldownSeconds * 1000) return
      holding.triedAt = now
      holding.fetching = fetchOnce(issuer, holding)
    }
    await holding.fetching
  }

  return {
    async keyFor(issuer, kid, algorithm) {
      const holding = holdingOf(issuer.jwksUri)
      const old = clock.monotonic() - holding.fetchedAt >= issuer.jwksMaxAgeSeconds * 1000
      const found = find(holding, kid, algorithm)
      if (found && !old) return found
      // An old set is renewed before it is used, else a withdrawn key would be good once more.
      await refresh(issuer, holding)
      if (holding.keys === undefined) throw new IssuerUnreachable(issuer.issuer)
      return find(holding, kid, algorithm)
    },
  }
}

const find = ({ keys }: Holding, kid: string, algorithm: string): KeyObject | undefined =>
  keys?.find(
    key =>
      key.kid === kid &&
      (key.alg === undefined || key.alg === algorithm) &&
      keyFits(key.key, algorithm),
  )?.key

/** No redirects: whoever could redirect us would decide whose keys we trust. */
async function fetchKeys(uri: string, timeoutMs: number): Promise<readonly Key[]> {
  const { data } = await axios.get<{ keys?: unknown } | null>(uri, {
    timeout: timeoutMs,
    // axios's own timeout starts anew with each byte; this one does not.
    signal: AbortSignal.timeout(timeoutMs),
    maxRedirects: 0,
    maxContentLength: MAX_BYTES,
    proxy: false,
    responseType: 'json',
    headers: { Accept: 'application/jwk-set+json, application/json' },
  })
  if (!Array.isArray(data?.keys)) throw new Error('the answer is not a JWK set')
  return data.keys.slice(0, MAX_KEYS).flatMap(toKey)
}

type Jwk = JsonWebKey & { kid?: unknown; use?: unknown; alg?: unknown }

/** @returns nothing for a key that cannot verify a signature; the others of its set still count */
function toKey(jwk: Jwk | null): readonly Key[] {
  if (typeof jwk?.kid !== 'string' || (jwk.use !== undefined && jwk.use !== 'sig')) return []
  if (jwk.alg !== undefined && typeof jwk.alg !== 'string') return []
  try {
    return [{ kid: jwk.kid, alg: jwk.alg, key: createPublicKey({ key: jwk, format: 'jwk' }) }]
  } catch {
    return []
  }
}
