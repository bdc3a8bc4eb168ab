import { UNBOUNDED, withDayBudget } from '../connectors/gate/day-budget.ts'
import { createPace, windowOf } from '../connectors/gate/pace.ts'
import { withPlaces } from '../connectors/gate/places.ts'
import type { Clock } from '../kernel/clock.ts'
import type { WorkClass } from '../model/work-class.ts'
import type { ConnectionPolicy } from '../policy/policy-set.ts'
import { createQuotaWindow } from '../policy/quota-window.ts'
import type { ErpAllowance } from '../ports/erp-allowance.ts'
import type { LimitCounter } from '../ports/limits.ts'
import type { RedisClient } from '../store/admit-script.ts'
import type { ProcessCount } from '../store/process-count.ts'
import { createRedisAllowance } from '../store/redis-allowance.ts'
import type { Channels } from '../store/redis-channels.ts'

/** What all gateway processes share, where there is a Redis. */
export type SharedState = {
  readonly redis: RedisClient
  readonly processes: ProcessCount
  readonly channels: Channels
}

/** The longest that one HTTP request to an ERP may take beside its connection's own limit: a log-in. */
const LOGIN_MS = 10_000
const GRACE_MS = 1_000

/**
 * What the policies allow of an ERP: of this process, or of all that share a Redis.
 *
 * @returns undefined for an ERP whose file gives no budget, in a process that is alone
 */
export function allowanceFor(
  { name, budget, guard, timeZone }: ConnectionPolicy,
  classes: readonly WorkClass[],
  deps: {
    clock: Clock
    limits: LimitCounter
    shared: Pick<SharedState, 'redis' | 'processes'> | undefined
  },
): ErpAllowance | undefined {
  const { clock, limits, shared } = deps
  const { perSecond, perDay } = budget ?? {}
  const places = guard.maxConcurrency
  if (!budget && !shared) return undefined
  const inSecond = (parts: number) =>
    perSecond === undefined ? UNBOUNDED : createPace(perSecond / parts, classes, clock)
  const perMoment = shared
    ? createRedisAllowance({
        redis: shared.redis,
        clock,
        keyPrefix: 'postern',
        connection: name,
        classes,
        window: perSecond === undefined ? undefined : windowOf(perSecond),
        places,
        leaseMs: Math.max(guard.timeoutMs, LOGIN_MS) + GRACE_MS,
        alone() {
          const { processes } = shared.processes
          return withPlaces(inSecond(processes), Math.floor(places / processes))
        },
      })
    : inSecond(1)
  if (perDay === undefined) return perMoment
  const day = { units: perDay, window: createQuotaWindow('day', timeZone, '00:00') }
  return withDayBudget(perMoment, day, `erp:${name}`, { limits, clock })
}
