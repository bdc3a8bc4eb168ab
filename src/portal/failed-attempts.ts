import { ipKeyGenerator, MemoryStore, type Options } from 'express-rate-limit'
import { TokenError } from './token-error.ts'

const WINDOW_MS = 60_000
const FAILURES_MAX = 20

/**
 * Counts failed authentications per address and client, and refuses further ones for a while. It uses
 * express-rate-limit's store and not its middleware: that counts a call before its outcome is known, so
 * that fifty tills which ask at the same moment, all with the right secret, would refuse each other.
 *
 * @see RFC 6749 section 2.3.1: the endpoint must be protected against guessing
 */
export interface FailedAttempts {
  /** @throws TokenError `temporarily_unavailable` (429) when there were too many */
  requireFew(ip: string, clientId: string): Promise<void>
  note(ip: string, clientId: string): Promise<void>
}

/** @param isClient unknown clients share one count per address: made-up names must not fill the memory */
export function createFailedAttempts(isClient: (clientId: string) => boolean): FailedAttempts {
  const store = new MemoryStore()
  store.init({ windowMs: WINDOW_MS } as Options)
  const keyOf = (ip: string, clientId: string): string =>
    `${ipKeyGenerator(ip)} ${isClient(clientId) ? clientId : ''}`
  return {
    async requireFew(ip, clientId) {
      const seen = await store.get(keyOf(ip, clientId))
      if (!seen || seen.totalHits < FAILURES_MAX) return
      const waitMs = (seen.resetTime?.getTime() ?? 0) - Date.now()
      throw new TokenError('temporarily_unavailable', 'too many failed attempts; try again later', {
        status: 429,
        headers: { 'Retry-After': String(Math.max(1, Math.ceil(waitMs / 1000))) },
      })
    },
    async note(ip, clientId) {
      await store.increment(keyOf(ip, clientId))
    },
  }
}
