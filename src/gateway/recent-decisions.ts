import type { Verdict } from './trail.ts'

/** One call as it was decided, for the operator who asks afterwards. */
export type Decision = {
  readonly correlationId: string
  /** ISO instant of arrival. */
  readonly receivedAt: string
  readonly policyRevision: string
  readonly method: string
  /** Absent where no operation matched. */
  readonly operation: string | undefined
  readonly consumer: string | undefined
  readonly status: number
  /** The problem's code, or `none`. */
  readonly code: string
  readonly durationMs: number
  /** What each stage decided, in order, with the policy's file and line. */
  readonly trail: readonly Verdict[]
}

/** The last calls' decisions, as many as fit; the oldest make room. */
export interface RecentDecisions {
  add(decision: Decision): void
  /** The latest call with this correlation id: a caller may send the same one again. */
  find(correlationId: string): Decision | undefined
}

/** @param capacity calls; a decision takes about 1 KiB, its verdicts are shared */
export function createRecentDecisions(capacity: number): RecentDecisions {
  const ring = new Array<Decision | undefined>(capacity)
  const places = new Map<string, number>()
  let next = 0
  return {
    add(decision) {
      const leaving = ring[next]
      if (leaving && places.get(leaving.correlationId) === next)
        places.delete(leaving.correlationId)
      ring[next] = decision
      places.set(decision.correlationId, next)
      next = (next + 1) % capacity
    },
    find(correlationId) {
      const place = places.get(correlationId)
      return place === undefined ? undefined : ring[place]
    },
  }
}
