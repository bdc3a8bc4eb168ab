import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { LimitCounter } from '../ports/limits.ts'
import type { RedisClient } from '../store/admit-script.ts'
import type { Database } from '../store/database.ts'
import { createMemoryLimits } from '../store/memory-limits.ts'
import { createQuotaUsage } from '../store/quota-usage.ts'
import { createRedisLimits } from '../store/redis-limits.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** Accounts that can be forgotten when they are idle; see the memory limits. */
const MAX_IDLE_KEYS = 100_000

/** Counts limits in this process, or in Redis with this process as the fallback. */
export async function openLimits(deps: {
  /** What all processes share; not closed here. */
  redis: RedisClient | undefined
  database: Database
  clock: Clock
  metrics: Metrics
  logger: Logger
}): Promise<LimitCounter> {
  const { redis, database, clock, metrics, logger } = deps
  const memory = createMemoryLimits({
    clock,
    maxKeys: MAX_IDLE_KEYS,
    quotaStore: createQuotaUsage(database),
    logger,
  })
  await memory.ready
  if (!redis) return memory
  return createRedisLimits({
    redis,
    clock,
    fallback: memory,
    metrics: {
      degraded: active => metrics.limitsDegraded.set(active ? 1 : 0),
      fallbackDecision: () => metrics.limitsFallback.inc(),
    },
    logger,
    keyPrefix: 'postern',
  })
}
