import type { UpstreamFailureKind } from '../kernel/upstream-failure.ts'

/** How a call to an ERP ended. */
export type ErpOutcome = 'ok' | 'abandoned' | UpstreamFailureKind

/** What the guard tells of one connection. */
export interface GuardMetrics {
  /** @param seconds without the time in the queue */
  called(call: string, outcome: ErpOutcome, seconds: number): void
  inFlight(calls: number): void
  queued(calls: number): void
  breaker(state: 'closed' | 'half-open' | 'open'): void
}
