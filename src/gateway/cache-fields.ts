import type { CachedAnswer } from './response-cache.ts'

/** How a cached operation was answered. */
export type CacheOutcome =
  | { readonly kind: 'hit' }
  /** Past its time, sent while one call refreshes it. */
  | { readonly kind: 'stale'; readonly why: 'revalidating' | 'error' }
  | {
      readonly kind: 'miss'
      readonly collapsed: boolean
      readonly why: 'uri-miss' | 'stale' | 'request'
    }

/**
 * `Age`, `Cache-Control` and `Cache-Status` for an answer from the cache or on its way into it.
 *
 * @param clientMaxAgeSeconds the policy's bound on what a caller may keep
 * @see RFC 9111 sections 5.1 and 5.2, RFC 9211
 */
export function cacheFields(
  answer: CachedAnswer,
  outcome: CacheOutcome,
  clientMaxAgeSeconds: number,
  now: number,
): string[] {
  const left = Math.floor((answer.freshUntil - now) / 1000)
  const maxAge = Math.max(0, Math.min(clientMaxAgeSeconds, left))
  return [
    'Age',
    String(Math.max(0, Math.floor((now - answer.storedAt) / 1000))),
    'Cache-Control',
    maxAge > 0 ? `private, max-age=${maxAge}` : 'private, no-cache',
    'Cache-Status',
    `postern; ${statusParameters(outcome, left)}`,
  ]
}

function statusParameters(outcome: CacheOutcome, left: number): string {
  switch (outcome.kind) {
    case 'hit':
      return `hit; ttl=${left}`
    case 'stale':
      return `hit; ttl=${left}; detail=${outcome.why === 'error' ? 'stale-if-error' : 'swr'}`
    case 'miss':
      return `fwd=${outcome.why}${outcome.collapsed ? '; collapsed' : ''}; stored; ttl=${left}`
  }
}

/** Whether `If-None-Match` names the answer that would be sent; weak comparison, RFC 9110 section 13.1.2. */
export function isNotModified(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',', 100).some(tag => tag.trim().replace(/^W\//, '') === etag)
}
