import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Redis } from 'ioredis'
import { silentLogger } from '../../src/kernel/logger.ts'
import type { LimitMetrics } from '../../src/ports/limit-metrics.ts'
import { createMemoryLimits } from '../../src/store/memory-limits.ts'
import { openRedis } from '../../src/store/open-redis.ts'
import { createRedisLimits } from '../../src/store/redis-limits.ts'
import { TestClock } from './test-clock.ts'

/** Metrics that a test can look at, and wait on. */
export class SeenMetrics implements LimitMetrics {
  isDegraded = false
  fallbackDecisions = 0
  #watchers: (() => void)[] = []

  degraded(active: boolean): void {
    this.isDegraded = active
    for (const wake of this.#watchers.splice(0)) wake()
  }

  fallbackDecision(): void {
    this.fallbackDecisions++
  }

  async until(active: boolean): Promise<void> {
    while (this.isDegraded !== active) {
      await new Promise<void>(resolve => this.#watchers.push(resolve))
    }
  }
}

/** A counter on a connection of its own, as each gateway process has one. */
export async function openRedisLimits(
  url: string,
  options: { prefix?: string; clock?: TestClock; leaseMs?: number; awaitReady?: boolean } = {},
) {
  const clock = options.clock ?? new TestClock()
  const prefix = options.prefix ?? `test:${randomUUID()}:`
  const redis = openRedis(url, silentLogger)
  if (options.awaitReady !== false) await once(redis, 'ready')
  const metrics = new SeenMetrics()
  const fallback = createMemoryLimits({ clock, maxKeys: 100, logger: silentLogger })
  const counter = createRedisLimits({
    redis,
    clock,
    fallback,
    metrics,
    logger: silentLogger,
    keyPrefix: prefix,
    leaseMs: options.leaseMs ?? 60_000,
  })
  return {
    counter,
    redis,
    clock,
    metrics,
    prefix,
    /** Redis's own time cannot be moved; what it remembers can be made older, which is the same. */
    async pass(ms: number): Promise<void> {
      await age(redis, prefix, ms)
      await clock.advance(ms)
    },
    async close(): Promise<void> {
      await counter.close()
      redis.disconnect()
    },
  }
}

async function age(redis: Redis, prefix: string, ms: number): Promise<void> {
  for (const key of await redis.keys(`${prefix}*`)) {
    const type = await redis.type(key)
    if (type === 'hash') await redis.hincrby(key, 'at', String(-ms * 1000))
    if (type === 'zset') {
      for (const lease of await redis.zrange(key, 0, '-1'))
        await redis.zincrby(key, String(-ms), lease)
    }
  }
}
