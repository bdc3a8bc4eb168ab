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
  freshUntil: number
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
  /** The groups that it belongs to. */
  readonly groups: readonly string[]
}

export interface ResponseCache {
  get(key: string): CachedAnswer | undefined
  /** @param since when its making began, by `mark`: what was dropped in the meantime is not kept */
  set(key: string, answer: CachedAnswer, since: number): void
  /** A moment, as `set` takes it. */
  mark(): number
  clear(): void
  /** Forgets the answers of a group: what they were made from has changed. */
  drop(group: string): void
  /** Lets the answers of a group be given only while they are made anew (soft purge), from `now` on, epoch ms. */
  age(group: string, now: number): void
  readonly bytes: number
  readonly entries: number
}

/** Longer ago than so many drops no answer began to be made. */
const REMEMBERED_DROPS = 50_000

/** What an entry costs beside its body and key: headers, the map's own slot. */
const ENTRY_OVERHEAD_BYTES = 600

/** Answers in this process, bounded by bytes; the least recently used go first. */
export function createResponseCache(maxBytes: number): ResponseCache {
  let drops = 0
  const droppedAt = new LRUCache<string, number>({ max: REMEMBERED_DROPS })
  const keysByGroup = new Map<string, Set<string>>()
  const leave = (key: string, { groups }: CachedAnswer): void => {
    for (const group of groups) {
      const keys = keysByGroup.get(group)
      keys?.delete(key)
      if (keys?.size === 0) keysByGroup.delete(group)
    }
  }
  const entries = new LRUCache<string, CachedAnswer>({
    dispose: (answer, key) => leave(key, answer),
    maxSize: maxBytes,
    // One answer may take a tenth at most: a single large one must not push out the hot rest.
    maxEntrySize: Math.max(1, Math.floor(maxBytes / 10)),
    sizeCalculation: (answer, key) => answer.bytes.length + key.length * 2 + ENTRY_OVERHEAD_BYTES,
  })
  return {
    get: key => entries.get(key),
    mark: () => drops,
    set: (key, answer, since) => {
      if (answer.groups.some(group => (droppedAt.get(group) ?? 0) > since)) return
      entries.set(key, answer)
      // One too large to be kept is in no group either.
      if (!entries.has(key)) return
      for (const group of answer.groups) {
        const keys = keysByGroup.get(group)
        if (keys) keys.add(key)
        else keysByGroup.set(group, new Set([key]))
      }
    },
    clear: () => entries.clear(),
    drop(group) {
      droppedAt.set(group, ++drops)
      for (const key of [...(keysByGroup.get(group) ?? [])]) entries.delete(key)
    },
    age(group, now) {
      droppedAt.set(group, ++drops)
      for (const key of keysByGroup.get(group) ?? []) {
        const answer = entries.peek(key)
        if (answer) answer.freshUntil = Math.min(answer.freshUntil, now)
      }
    },
    get bytes() {
      return entries.calculatedSize
    },
    get entries() {
      return entries.size
    },
  }
}
