import { randomUUID } from 'node:crypto'
import type { Clock } from '../kernel/clock.ts'
import type { RedisClient } from './admit-script.ts'

/** A process that has not been heard of for so long is gone, ms. */
const GONE_AFTER_MS = 10_000
const BEAT_MS = 1_000

/** How many gateway processes share a Redis, as far as was last known. */
export interface ProcessCount {
  readonly processes: number
  close(): Promise<void>
}

/** Tells Redis every second that this process lives, and counts those that do. */
export function countProcesses(redis: RedisClient, key: string, clock: Clock): ProcessCount {
  const self = randomUUID()
  const closing = new AbortController()
  let processes = 1

  const beat = async (): Promise<void> => {
    // Redis's time: the processes' clocks need not agree.
    const [seconds] = (await redis.time()) as unknown as [string | number]
    const now = Number(seconds) * 1000
    const replies = await redis
      .multi()
      .zadd(key, now, self)
      .zremrangebyscore(key, '-inf', now - GONE_AFTER_MS)
      .zcard(key)
      .exec()
    processes = Math.max(1, Number(replies?.[2]?.[1] ?? processes))
  }
  const beating = (async () => {
    while (!closing.signal.aborted) {
      // Without Redis, what was last known counts.
      await beat().catch(() => {})
      await clock.sleep(BEAT_MS, closing.signal).catch(() => {})
    }
  })()

  return {
    get processes() {
      return processes
    },
    async close() {
      closing.abort()
      await beating
      await redis.zrem(key, self).catch(() => {})
    },
  }
}
