import { LRUCache } from 'lru-cache'
import type { Known, Moment } from '../../ports/shared-knowledge.ts'

/** What an ERP said of things of one kind, in this process. */
export interface Shelf<V> {
  /** @param now epoch ms: the key counts as read then */
  get(key: string, now: number): Known<V> | undefined
  /** Without counting as a reader. */
  peek(key: string): Known<V> | undefined
  /** Keeps it, unless something newer is known. */
  put(key: string, known: Known<V>): void
  /** What was said of a thing up to a moment is not believed any more. A thing may be part of several keys. */
  outdate(thing: string, upTo: Moment): void
  isOutdated(thing: string, known: Moment): boolean
  /** The keys that were read after an instant, epoch ms; the most recent first. */
  readSince(at: number): IterableIterator<string>
  /** When the key was last read, epoch ms; undefined when nothing is known of it. */
  lastRead(key: string): number | undefined
  readonly bytes: number
  readonly entries: number
}

/** Changes that are remembered while older answers may still be on their way. */
const REMEMBERED_CHANGES = 100_000
/** The map's slot, the entry, its numbers. */
const ENTRY_BYTES = 200

/**
 * Bounded by bytes; the least recently used go first.
 *
 * @param bytesOf about what a value takes in memory
 */
export function createShelf<V>(maxBytes: number, bytesOf: (value: V) => number): Shelf<V> {
  const entries = new LRUCache<string, Known<V> & { readAt: number }>({
    maxSize: maxBytes,
    sizeCalculation: ({ value }, key) => bytesOf(value) + key.length * 2 + ENTRY_BYTES,
  })
  const outdated = new LRUCache<string, Moment>({ max: REMEMBERED_CHANGES })
  return {
    get(key, now) {
      const known = entries.get(key)
      if (known) known.readAt = now
      return known
    },
    peek: key => entries.peek(key),
    put(key, known) {
      const present = entries.peek(key)
      if (present && isAfter(present, known)) return
      entries.set(key, { ...known, readAt: present?.readAt ?? known.askedAt })
    },
    outdate(thing, upTo) {
      const before = outdated.peek(thing)
      if (!before || isAfter(upTo, before)) outdated.set(thing, upTo)
    },
    isOutdated(thing, known) {
      const upTo = outdated.peek(thing)
      return upTo !== undefined && !holds(known, upTo)
    },
    *readSince(at) {
      for (const [key, { readAt }] of entries.entries()) if (readAt > at) yield key
    },
    lastRead: key => entries.peek(key)?.readAt,
    get bytes() {
      return entries.calculatedSize
    },
    get entries() {
      return entries.size
    },
  }
}

const isAfter = (a: Moment, b: Moment): boolean =>
  a.erpSeq !== undefined && b.erpSeq !== undefined && a.erpSeq !== b.erpSeq
    ? a.erpSeq > b.erpSeq
    : a.askedAt > b.askedAt

/** Whether what was said contains a change: by its number, or because it was asked after we heard of it. */
export const holds = (said: Moment, change: Moment): boolean =>
  said.erpSeq !== undefined && change.erpSeq !== undefined
    ? said.erpSeq >= change.erpSeq
    : said.askedAt > change.askedAt
