import type { Clock } from '../kernel/clock.ts'

/** Wakes whoever waits for an order to change; another process's changes are seen by looking now and then. */
export interface OrderChanges {
  changed(orderId: string): void
  wait(orderId: string, timeoutMs: number): Promise<void>
}

const LOOK_EVERY_MS = 250

export function createOrderChanges(clock: Clock): OrderChanges {
  const waiting = new Map<string, Set<() => void>>()
  return {
    changed(orderId) {
      for (const wake of waiting.get(orderId) ?? []) wake()
    },
    async wait(orderId, timeoutMs) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const others = waiting.get(orderId) ?? new Set()
      waiting.set(orderId, others.add(resolve))
      const stop = new AbortController()
      try {
        const timer = clock.sleep(Math.min(timeoutMs, LOOK_EVERY_MS), stop.signal).catch(() => {})
        await Promise.race([promise, timer])
      } finally {
        stop.abort()
        others.delete(resolve)
        if (others.size === 0) waiting.delete(orderId)
      }
    },
  }
}
