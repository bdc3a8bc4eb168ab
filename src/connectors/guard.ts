import {
  BrokenCircuitError,
  CircuitState,
  circuitBreaker,
  handleWhen,
  SamplingBreaker,
} from 'cockatiel'
import type { Clock } from '../kernel/clock.ts'
import { UpstreamFailure } from '../kernel/upstream-failure.ts'
import type { GuardSettings } from '../model/erp-connection.ts'
import type { WorkClass } from '../model/work-class.ts'
import type { ErpCall, ErpConnection } from '../ports/erp.ts'
import type { GuardMetrics } from '../ports/guard-metrics.ts'
import { inBatches } from './guard/in-batches.ts'
import { retrying } from './guard/retrying.ts'
import { TimeUp, withTimeLimit } from './guard/time-limit.ts'
import { createWaitingRoom, NoRoom } from './guard/waiting-room.ts'

export type GuardDeps = {
  readonly clock: Clock
  readonly metrics: GuardMetrics
  /** Who shares the ERP's places. */
  readonly classes: readonly WorkClass[]
  random(): number
}

/**
 * Protects an ERP from us and us from it, around any connector: each call ends by its deadline, so many
 * run at a time and so many wait, a failing ERP is left alone, and reads are tried again where that is
 * safe. Outermost first: batches, retry, breaker, waiting room, time limit.
 *
 * Nothing but an UpstreamFailure leaves it, or the reason of a caller who gave up.
 */
export function guardConnection(
  connection: ErpConnection,
  guard: GuardSettings,
  { clock, metrics, classes, random }: GuardDeps,
): ErpConnection {
  const { name, capabilities } = connection
  const room = createWaitingRoom({
    places: guard.maxConcurrency,
    seats: guard.maxQueue,
    classes,
    clock,
    changed(inside, waiting) {
      metrics.inFlight(inside)
      metrics.queued(waiting)
    },
  })
  let openedAt = 0
  /** While trying whether the ERP is well again, only an answer of its own shows that it is. */
  const counts = (error: unknown): boolean =>
    isIllness(error) || (breaker.state === CircuitState.HalfOpen && !isBusinessNo(error))
  const breaker = circuitBreaker(handleWhen(counts), {
    halfOpenAfter: guard.breaker.halfOpenAfterMs,
    breaker: new SamplingBreaker({
      threshold: guard.breaker.failureRatio,
      duration: guard.breaker.windowMs,
      minimumRps: guard.breaker.minimumPerSecond,
    }),
  })
  breaker.onStateChange(state => {
    if (state === CircuitState.Open) openedAt = clock.monotonic()
    metrics.breaker(
      state === CircuitState.Closed
        ? 'closed'
        : state === CircuitState.HalfOpen
          ? 'half-open'
          : 'open',
    )
  })

  /** One attempt: waits for a place, then for the ERP. */
  const attempt = async <T>(name: string, work: (call: ErpCall) => Promise<T>, call: ErpCall) => {
    const leave = await room.enter(call).catch(error => {
      throw error instanceof NoRoom ? noRoom(connection.name, name, error) : error
    })
    const startedAt = clock.monotonic()
    const left = Math.min(guard.timeoutMs, call.deadlineAt - startedAt)
    let outcome: Parameters<GuardMetrics['called']>[1] = 'ok'
    try {
      return await withTimeLimit(left, call.signal, signal =>
        work({ ...call, signal, deadlineAt: startedAt + left }),
      )
    } catch (error) {
      const had = clock.monotonic() - startedAt
      const failure =
        call.signal.aborted && had < guard.timeoutMs * FAIR_SHARE_OF_TIME
          ? error
          : toFailure(call.signal.aborted ? new TimeUp(had) : error, connection.name, name)
      outcome = failure instanceof UpstreamFailure ? failure.kind : 'abandoned'
      throw failure
    } finally {
      leave()
      metrics.called(name, outcome, (clock.monotonic() - startedAt) / 1000)
    }
  }

  /** The ERP has asked to be left alone until then, monotonic ms. */
  let notBefore = 0
  const heed = (error: unknown): void => {
    if (!(error instanceof UpstreamFailure) || error.kind !== 'busy') return
    const { receivedStatus, retryAfterSeconds = 0 } = error.details
    if (receivedStatus === undefined) return
    const pauseMs = Math.min(LONGEST_PAUSE_MS, retryAfterSeconds * 1000)
    notBefore = Math.max(notBefore, clock.monotonic() + pauseMs)
  }

  const protectedCall = async <T>(
    call: string,
    work: (c: ErpCall) => Promise<T>,
    given: ErpCall,
  ) => {
    const pauseMs = notBefore - clock.monotonic()
    if (pauseMs > 0) throw askedToWait(name, call, pauseMs / 1000)
    try {
      return await breaker.execute(() => attempt(call, work, given))
    } catch (error) {
      heed(error)
      if (!(error instanceof BrokenCircuitError)) throw error
      const waitMs = Math.max(0, openedAt + guard.breaker.halfOpenAfterMs - clock.monotonic())
      throw breakerOpen(name, call, waitMs / 1000)
    }
  }

  const read = <T>(callName: string, work: (call: ErpCall) => Promise<T>, call: ErpCall) =>
    retrying(guard, { clock, random }, call, () => protectedCall(callName, work, call))

  const { inventory, pricing, orders, movements, changes } = connection
  return {
    name,
    capabilities,
    ...(inventory && {
      inventory: {
        readStock: inBatches(capabilities.maxStockKeys, (keys, call) =>
          read('inventory.readStock', c => inventory.readStock(keys, c), call),
        ),
      },
    }),
    ...(pricing && {
      pricing: {
        readPrices: inBatches(capabilities.maxPriceKeys, (keys, call) =>
          read('pricing.readPrices', c => pricing.readPrices(keys, c), call),
        ),
      },
    }),
    // A write is tried again by whoever can look it up first, never from here.
    ...(orders && {
      orders: {
        find: (reference, call) => read('orders.find', c => orders.find(reference, c), call),
        create: (order, call) => protectedCall('orders.create', c => orders.create(order, c), call),
        cancel: (order, call) => protectedCall('orders.cancel', c => orders.cancel(order, c), call),
      },
    }),
    ...(movements && {
      movements: {
        find: (reference, call) => read('movements.find', c => movements.find(reference, c), call),
        create: (document, call) =>
          protectedCall('movements.create', c => movements.create(document, c), call),
      },
    }),
    ...(changes && {
      changes: {
        since: (cursor, call) => read('changes.since', c => changes.since(cursor, c), call),
      },
    }),
    ping: call => protectedCall('ping', c => connection.ping(c), call),
    close: () => connection.close(),
  }
}

/** However long an ERP asks for, it is tried again after so long: nobody takes back a Retry-After of a day. */
const LONGEST_PAUSE_MS = 300_000

/**
 * A caller may be less patient than the connection. An ERP that had this share of its time and was
 * silent counts as hanging all the same, or one with short deadlines in front of it would never be
 * left alone; one that had less is not to blame.
 */
const FAIR_SHARE_OF_TIME = 0.5

/**
 * What makes the breaker open: an ERP that does not answer, or not sensibly. A business no is health; a
 * full waiting room is ours; a caller who soon gave up says nothing.
 */
const isIllness = (error: unknown): boolean =>
  error instanceof UpstreamFailure &&
  !isBusinessNo(error) &&
  error.details.proxyError !== 'connection_limit_reached'

const isBusinessNo = (error: unknown): boolean =>
  error instanceof UpstreamFailure && error.kind === 'rejected'

function toFailure(error: unknown, connection: string, call: string): UpstreamFailure {
  if (error instanceof UpstreamFailure) return error
  if (error instanceof TimeUp) {
    return new UpstreamFailure('unknown', `${connection}: ${call}: ${error.message}`, {
      connection,
      call,
      proxyError: 'connection_read_timeout',
    })
  }
  const message = `${connection}: ${call}: the connector failed`
  const details = { connection, call, proxyError: 'proxy_internal_error' as const }
  return new UpstreamFailure('garbled', message, details, { cause: error })
}

const noRoom = (connection: string, call: string, { message }: NoRoom): UpstreamFailure =>
  new UpstreamFailure('busy', `${connection}: ${call}: ${message}`, {
    connection,
    call,
    proxyError: 'connection_limit_reached',
    retryAfterSeconds: 1,
  })

const askedToWait = (connection: string, call: string, seconds: number): UpstreamFailure =>
  new UpstreamFailure('busy', `${connection}: ${call}: the ERP has asked to be left alone`, {
    connection,
    call,
    proxyError: 'connection_limit_reached',
    retryAfterSeconds: Math.max(1, Math.ceil(seconds)),
  })

const breakerOpen = (connection: string, call: string, seconds: number): UpstreamFailure =>
  new UpstreamFailure('unreachable', `${connection}: ${call}: left alone after too many failures`, {
    connection,
    call,
    proxyError: 'destination_unavailable',
    retryAfterSeconds: Math.max(1, Math.ceil(seconds)),
  })
