import { LRUCache } from 'lru-cache'
import type { Problem } from '../kernel/problems.ts'
import type { HeaderPairs } from './reply.ts'

/** An answer as it is kept: bytes ready to send, and until when it may be sent. Times are epoch ms. */
export type CachedAnswer = {
  readonly status: number
  readonly headers: HeaderPairs
  bytes: Buffer
  readonly contentType: string
  etag: string
  readonly storedAt: number
  readonly freshUntil: number
  /** Until then it may be sent while one caller's refresh is under way. */
  readonly staleUntil: number
  /** Until then it may be sent because a refresh failed. */
  readonly errorUntil: number
  /** A refresh failed: no further one is waited for before this instant. */
  retryAt: number
  /** When `bytes` were made, or made again for their age. */
  stampedAt: number
  readonly restamp: ((now: number) => unknown) | undefined
  /** A refusal worth remembering for a moment: no ERP knows this SKU. */
  readonly problem: Problem | undefined
}

export interface ResponseCache {
  get(key: string): CachedAnswer | undefined
  set(key: string, answer: CachedAnswer): void
  clear(): void
  readonly bytes: number
  readonly entries: number
}

/** What an entry costs beside its body and key: headers, the map's own slot. */
const ENTRY_OVERHEAD_BYTES = 600

/** Answers in this process, bounded by bytes; the least recently used go first. */
export function createResponseCache(maxBytes: number): ResponseCache {
  const entries = new LRUCache<string, CachedAnswer>({
    maxSize: maxBytes,
    // One answer may take a tenth at most: a single large one must not push out the hot rest.
    maxEntrySize: Math.max(1, Math.floor(maxBytes / 10)),
    sizeCalculation: (answer, key) => answer.bytes.length + key.length * 2 + ENTRY_OVERHEAD_BYTES,
  })
  return {
    get: key => entries.get(key),
    set: (key, answer) => {
      entries.set(key, answer)
    },
    clear: () => entries.clear(),
    get bytes() {
      return entries.calculatedSize
    },
    get entries() {
      return entries.size
    },
  }
}
