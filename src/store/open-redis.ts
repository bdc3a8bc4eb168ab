import { Redis } from 'ioredis'
import type { Logger } from '../kernel/logger.ts'

/** Everybody finds a Redis that is back within this time and a quarter; redis-allowance.ts relies on it. */
const RECONNECT_MS_MAX = 1000

/**
 * Connects to Redis in the background: a gateway starts and serves without it.
 *
 * Commands fail at once while it is offline instead of queueing, and are never sent a second time:
 * whoever uses it has an answer of its own for that.
 *
 * @param url `redis://[user:password@]host:port[/db]` or `rediss://…`
 */
export function openRedis(url: string, logger: Logger): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2000,
    // A host that vanished without a word: give up the connection long before TCP would.
    socketTimeout: 5000,
    retryStrategy: attempt =>
      Math.min(RECONNECT_MS_MAX, 50 * 2 ** Math.min(attempt, 6)) * (0.75 + Math.random() / 2),
  })
  let reported = false
  redis.on('error', error => {
    if (!reported) logger.warn({ error }, 'Redis cannot be reached; trying again')
    reported = true
  })
  redis.on('ready', () => {
    reported = false
  })
  return redis
}
