import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../kernel/clock.ts'

/** Thrown when a promise took longer than the bound. */
export class OverdueError extends Error {
  override name = 'OverdueError'
}

type Waiting = {
  readonly until: number
  settled: boolean
  readonly giveUp: (reason: OverdueError) => void
}

/** Waits for promises, but never longer than so many ms. */
export interface TimeBound {
  /** @throws OverdueError when the bound has passed; the promise goes on and may still be observed */
  within<T>(promise: Promise<T>): Promise<T>
  /** Gives up on everything that is waited for. */
  close(): void
}

/**
 * One bound for all calls means that they fall due in the order they came: a single sleeper serves
 * them all, where a timer per call would be made and cleared ten thousand times a second.
 */
export function createTimeBound(clock: Clock, boundMs: number): TimeBound {
  const closing = new AbortController()
  let waiting: Waiting[] = []
  let watched = false

  const watch = async () => {
    for (let first = waiting[0]; first; first = waiting[0]) {
      await clock
        .sleep(Math.max(0, first.until - clock.monotonic()), closing.signal)
        .catch(() => {})
      // An answer may already lie in the socket when this process was the one that was late.
      await turn()
      const now = closing.signal.aborted ? Number.POSITIVE_INFINITY : clock.monotonic()
      for (const call of waiting) {
        if (!call.settled && call.until <= now) {
          call.settled = true
          call.giveUp(new OverdueError(`no answer within ${boundMs} ms`))
        }
      }
      waiting = waiting.filter(call => !call.settled)
    }
    watched = false
  }

  return {
    within(promise) {
      return new Promise((resolve, reject) => {
        const call = { until: clock.monotonic() + boundMs, settled: false, giveUp: reject }
        waiting.push(call)
        promise.then(
          value => {
            call.settled = true
            resolve(value)
          },
          error => {
            call.settled = true
            reject(error)
          },
        )
        if (!watched) {
          watched = true
          void watch()
        }
      })
    },
    close: () => closing.abort(),
  }
}
