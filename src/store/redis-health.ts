import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { LimitMetrics } from '../ports/limit-metrics.ts'

/** How often a Redis that failed is tried again, beside trying it as soon as it reconnects. */
const PROBE_EVERY_MS = 250

export type RedisHealthSettings = {
  readonly clock: Clock
  readonly metrics: LimitMetrics
  readonly logger: Logger
  /** Does what a call does, within its time bound; rejects while Redis cannot. */
  probe(): Promise<unknown>
}

/**
 * Remembers that Redis failed, so that no further call waits for it, and finds out by itself when it
 * is back.
 */
export function createRedisHealth({ clock, metrics, logger, probe }: RedisHealthSettings) {
  const closing = new AbortController()
  let degraded = false
  let probing: Promise<void> = Promise.resolve()
  metrics.degraded(false)

  const tryOnce = async () => {
    try {
      await probe()
    } catch {
      return
    }
    if (!degraded) return
    degraded = false
    metrics.degraded(false)
    logger.info({}, 'Redis answers again: limits are shared')
  }

  const untilWell = async () => {
    while (degraded && !closing.signal.aborted) {
      await clock.sleep(PROBE_EVERY_MS, closing.signal).catch(() => {})
      if (degraded && !closing.signal.aborted) await tryOnce()
    }
  }

  return {
    get degraded() {
      return degraded
    },
    failed(error: unknown): void {
      if (degraded || closing.signal.aborted) return
      degraded = true
      metrics.degraded(true)
      logger.warn({ error }, 'Redis does not answer: every process counts limits alone')
      probing = untilWell()
    },
    /** Redis has reconnected: no need to wait for the next probe. */
    reconnected(): void {
      if (degraded) void tryOnce()
    },
    async close(): Promise<void> {
      closing.abort()
      await probing
    },
  }
}
