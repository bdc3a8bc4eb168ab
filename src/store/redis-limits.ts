import { randomUUID } from 'node:crypto'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import { andThen, type MaybePromise } from '../kernel/maybe-promise.ts'
import type { LimitMetrics } from '../ports/limit-metrics.ts'
import type { LimitCounter, LimitDecision } from '../ports/limits.ts'
import type { QuotaUsage } from '../ports/quota-store.ts'
import {
  type AdmitCall,
  createAdmitScript,
  type RedisClient,
  type RedisCount,
} from './admit-script.ts'
import { CountedDecision, type Refusal, refusalOf } from './limit-arithmetic.ts'
import { createOwedQuota } from './owed-quota.ts'
import { createPeriods, type Period } from './quota-period.ts'
import { createRedisHealth } from './redis-health.ts'
import { createTimeBound } from './time-bound.ts'

export type RedisLimitsSettings = {
  /** From `openRedis`: it must not queue commands while it is offline. Not closed here. */
  readonly redis: RedisClient
  readonly clock: Clock
  /** Decides while Redis does not; closed with this counter. */
  readonly fallback: LimitCounter & { learnQuota?(usage: QuotaUsage): void }
  readonly metrics: LimitMetrics
  readonly logger: Logger
  /** `postern:limits:` */
  readonly keyPrefix: string
  /** After this time a call's concurrency slot is free again even if its process was killed. Above any request's time limit. */
  readonly leaseMs?: number
  /** No call waits longer for Redis. */
  readonly answerWithinMs?: number
}

const LEASE_MS = 60_000
/** A Redis on the same network answers in 1 ms; at 50 ms it is in trouble, and so would the callers be. */
const ANSWER_WITHIN_MS = 50

/** What a call does, done for nobody: shows that Redis not only answers but also counts. */
const PROBE: AdmitCall = {
  key: 'postern-probe',
  limits: { rate: { perSecond: 1000, burst: 1000 } },
  cost: 1,
  place: { key: 'postern-probe', window: 'none', startsAt: 0 },
  quotaLeftMs: 0,
  owed: 0,
  leaseId: 'probe',
  leaseMs: LEASE_MS,
}

/**
 * Counts in Redis, for all processes together. While Redis fails or is slow, the fallback decides in
 * this process: n processes then let through up to n times the rate and concurrency. Quota counts
 * meet again: the fallback goes on from the last figure that Redis gave, and what it lets through is
 * added in Redis with the consumer's next call.
 */
export function createRedisLimits(settings: RedisLimitsSettings): LimitCounter {
  const { redis, clock, fallback, metrics, logger, leaseMs = LEASE_MS } = settings
  const bound = createTimeBound(clock, settings.answerWithinMs ?? ANSWER_WITHIN_MS)
  const script = createAdmitScript(redis, settings.keyPrefix)
  const owed = createOwedQuota()
  const periodOf = createPeriods()
  const probe = () => bound.within(script.admit(PROBE))
  const health = createRedisHealth({ clock, metrics, logger, probe })
  const processId = randomUUID()
  let calls = 0

  const onReady = () => health.reconnected()
  const onClose = () => health.failed(new Error('the connection was closed'))
  redis.on('ready', onReady)
  redis.on('close', onClose)

  const alone = (call: AdmitCall, now: number): MaybePromise<LimitDecision> => {
    metrics.fallbackDecision()
    return andThen(fallback.admit(call.key, call.limits, call.cost, now), decision => {
      if (decision.allowed && call.limits.quota) owed.add(call.place, call.cost)
      return decision
    })
  }

  const decided = (call: AdmitCall, count: RedisCount, endsAt: number): LimitDecision => {
    const { key, limits, cost, place, quotaLeftMs } = call
    if (limits.quota) fallback.learnQuota?.({ ...place, endsAt, used: count.quotaUsed })
    const facts = { ...count, quotaLeftMs }
    if (count.allowed) {
      const giveBack = () => script.giveBack(key, call.leaseId)
      return new CountedDecision(limits, facts, undefined, limits.concurrency && { giveBack })
    }
    return new CountedDecision(limits, facts, refusalOf(limits, cost, facts) ?? BY_A_HAIR)
  }

  /** Redis answered after the fallback had decided: what it counted for this call is taken back. */
  const tooLate = (call: AdmitCall, count: RedisCount) => {
    owed.add(call.place, -call.owed)
    if (!count.allowed) return
    if (call.limits.quota) owed.add(call.place, -call.cost)
    if (call.limits.concurrency) script.giveBack(call.key, call.leaseId)
  }

  return {
    admit(key, limits, cost, now) {
      const period = limits.quota ? periodOf(limits.quota.window, now) : NO_PERIOD
      const place = { key, window: limits.quota?.window.name ?? 'none', startsAt: period.startsAt }
      const shared = !health.degraded && redis.status === 'ready'
      const call: AdmitCall = {
        key,
        limits,
        cost,
        place,
        quotaLeftMs: Math.max(1, period.endsAt - now),
        owed: shared ? owed.take(place) : 0,
        leaseId: `${processId}:${calls++}`,
        leaseMs,
      }
      if (!shared) {
        health.failed(new Error(`the connection is "${redis.status}"`))
        return alone(call, now)
      }
      const reply = script.admit(call)
      return bound.within(reply).then(
        count => decided(call, count, period.endsAt),
        error => {
          health.failed(error)
          owed.add(place, call.owed)
          reply.then(
            count => tooLate(call, count),
            () => {},
          )
          return alone(call, now)
        },
      )
    },
    async close() {
      redis.off('ready', onReady)
      redis.off('close', onClose)
      bound.close()
      await health.close()
      await fallback.close()
    },
  }
}

const NO_PERIOD: Period = { startsAt: 0, endsAt: 0 }

/** Redis refused, and rounding on the way here makes it look as if the call might have passed. */
const BY_A_HAIR: Refusal = { violated: 'rate', waitMs: 1 }
