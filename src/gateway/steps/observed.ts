import type { Clock } from '../../kernel/clock.ts'
import { andThen } from '../../kernel/maybe-promise.ts'
import type { Exchange } from '../exchange-of.ts'
import type { Principal } from '../principal.ts'
import type { Reply } from '../reply.ts'
import type { Verdict } from '../trail.ts'

/** A call that has been answered, as the log, the metrics and the recent-decisions ring see it. */
export type Observation = {
  readonly exchange: Exchange
  /** Absent when authentication did not get that far. */
  readonly principal: Principal | undefined
  readonly reply: Reply
  /** The problem's code, or `none`. */
  readonly code: string
  /** What the cache step decided, or `none` when it was not reached or not there. */
  readonly cache: string
  readonly durationMs: number
}

export type ObservedSettings = {
  readonly clock: Clock
  arrived(): void
  /** Told exactly once for every call, whatever happened to it. */
  answered(observation: Observation): void
}

/**
 * The outermost step: gives every answer its correlation id and the header fields that the steps
 * below have collected, and reports it.
 */
export function observed(
  settings: ObservedSettings,
  next: (exchange: Exchange) => ReturnType<typeof finish> | Promise<Reply>,
): (exchange: Exchange) => Reply | Promise<Reply> {
  return exchange => {
    settings.arrived()
    return andThen(next(exchange), reply => {
      const whole = finish(exchange, reply)
      exchange.end(FINISHED)
      settings.answered({
        exchange,
        principal: (exchange as { principal?: Principal }).principal,
        reply: whole,
        code: codeOf(reply),
        cache: cacheDecision(exchange.trail),
        durationMs: settings.clock.monotonic() - exchange.startedAt,
      })
      return whole
    })
  }
}

const FINISHED = new DOMException('the call has been answered', 'AbortError')

const finish = (exchange: Exchange, reply: Reply): Reply => ({
  ...reply,
  headers: ['X-Correlation-Id', exchange.id, ...exchange.replyHeaders, ...reply.headers],
})

function codeOf({ body }: Reply): string {
  if (body.kind !== 'json' || body.contentType !== 'application/problem+json') return 'none'
  return (body.value as { code: string }).code
}

function cacheDecision(trail: readonly Verdict[]): string {
  for (const { step, decision } of trail) if (step === 'cached') return decision
  return 'none'
}
