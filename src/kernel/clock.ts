/**
 * The time, injected everywhere, so that a test can stand at any instant.
 *
 * `now` is wall time in epoch milliseconds (tokens, quotas, `asOf`); `monotonic` is in milliseconds
 * from an arbitrary start and never steps back (durations, deadlines, token buckets).
 */
export interface Clock {
  now(): number
  monotonic(): number
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }, ms)
      signal?.addEventListener('abort', onAbort, { once: true })
    }),
}
