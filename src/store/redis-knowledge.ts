import { deserialize, serialize } from 'node:v8'
import type { Clock } from '../kernel/clock.ts'
import type { Known, SharedKnowledge } from '../ports/shared-knowledge.ts'
import type { RedisClient } from './admit-script.ts'
import { createTimeBound } from './time-bound.ts'

export type RedisKnowledgeSettings = {
  readonly redis: RedisClient
  readonly clock: Clock
  /** Unlike that of any other connection, kind and version of the settings. */
  readonly scope: string
  /** Nothing is kept longer, ms. */
  readonly keepMs: number
  /** A claim ends by itself, ms: whoever made it may have died. */
  readonly claimMs: number
}

/** Redis is asked to save an ERP's time, not to cost as much. */
const ANSWER_WITHIN_MS = 50
/** After it did not answer, it is left alone for so long, ms. */
const LEFT_ALONE_MS = 250

/**
 * Keeps the newer of two: each entry begins with its rank, as text of a fixed length. Ends the claim.
 *
 * KEYS 1 entry, 2 claim; ARGV 1 rank, 2 entry, 3 ms to keep it
 */
const KEEP = `
local before = redis.call('GETRANGE', KEYS[1], 0, #ARGV[1] - 1)
if before <= ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
redis.call('DEL', KEYS[2])
`
const RANK_DIGITS = 20

type WithKeep = {
  posternKeep(
    entry: string,
    claim: string,
    rank: string,
    value: Buffer,
    ms: number,
  ): Promise<unknown>
}

/**
 * What ERPs said, in Redis, for all processes: filled once. Redis's own eviction policy bounds it; every entry
 * also ends by itself, so that any policy will do (`allkeys-lru` is best).
 */
export function createRedisKnowledge<V>(settings: RedisKnowledgeSettings): SharedKnowledge<V> {
  const { redis, clock, scope, keepMs, claimMs } = settings
  redis.defineCommand('posternKeep', { numberOfKeys: 2, lua: KEEP })
  const client = redis as RedisClient & WithKeep
  const bound = createTimeBound(clock, ANSWER_WITHIN_MS)
  let notBefore = 0
  const entryKey = (key: string) => `postern{known:${scope}:${key}}`
  const claimKey = (key: string) => `postern{known:${scope}:${key}}:claim`

  /** @returns undefined when Redis does not answer */
  const within = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
    if (redis.status !== 'ready' || clock.monotonic() < notBefore) return undefined
    try {
      return await bound.within(ask())
    } catch {
      notBefore = clock.monotonic() + LEFT_ALONE_MS
      return undefined
    }
  }

  return {
    async read(keys) {
      // One command for each key, in one round trip: in a cluster they are at different nodes.
      const texts = await within(() =>
        Promise.all(keys.map(key => client.getBuffer(entryKey(key)))),
      )
      const known = new Map<string, Known<V>>()
      for (const [i, text] of (texts ?? []).entries()) {
        const key = keys[i]
        const entry = text && key !== undefined ? entryOf<V>(text) : undefined
        if (entry && key !== undefined) known.set(key, entry)
      }
      return known
    },
    write(entries) {
      void within(() =>
        Promise.all(
          [...entries].map(([key, known]) => {
            const rank = rankOf(known)
            const value = Buffer.concat([Buffer.from(rank), serialize(known)])
            return client.posternKeep(entryKey(key), claimKey(key), rank, value, keepMs)
          }),
        ),
      )
    },
    async claim(keys) {
      const answers = await within(() =>
        Promise.all(keys.map(key => client.set(claimKey(key), '1', 'PX', claimMs, 'NX'))),
      )
      if (!answers) return new Set(keys)
      return new Set(keys.filter((_, i) => answers[i] === 'OK'))
    },
    release(keys) {
      void within(() => Promise.all(keys.map(key => client.del(claimKey(key)))))
    },
  }
}

/** By the ERP's own number where it has one, else by time. */
const rankOf = ({ erpSeq, askedAt }: Known<unknown>): string =>
  String(erpSeq ?? askedAt).padStart(RANK_DIGITS, '0')

/** @returns undefined for what is not of ours, or of another time */
function entryOf<V>(text: Buffer): Known<V> | undefined {
  try {
    return deserialize(text.subarray(RANK_DIGITS)) as Known<V>
  } catch {
    return undefined
  }
}
