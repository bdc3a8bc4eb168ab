import type { Clock } from '../../src/kernel/clock.ts'

type Sleeper = { at: number; wake: () => void; fail: (reason: unknown) => void }

/** A clock that stands still until the test moves it; sleepers wake in the order of their time. */
export class TestClock implements Clock {
  #now: number
  readonly #start: number
  readonly #sleepers = new Set<Sleeper>()

  /** @param startsAt epoch ms or an ISO instant */
  constructor(startsAt: number | string = '2026-11-23T12:00:00Z') {
    this.#now = typeof startsAt === 'string' ? Date.parse(startsAt) : startsAt
    this.#start = this.#now
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now - this.#start
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const sleeper: Sleeper = { at: this.#now + ms, wake: resolve, fail: reject }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', () => {
        if (this.#sleepers.delete(sleeper)) reject(signal.reason)
      })
    })
  }

  /** Moves time forward and lets whoever was waiting go on. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    for (;;) {
      const due = [...this.#sleepers].filter(s => s.at <= until).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.#now = Math.max(this.#now, due.at)
      this.#sleepers.delete(due)
      due.wake()
      await Promise.resolve()
    }
    this.#now = until
    await Promise.resolve()
  }
}
