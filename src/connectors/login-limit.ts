import type { Clock } from '../kernel/clock.ts'
import { UpstreamFailure } from '../kernel/upstream-failure.ts'
import { loginRefused, sessionsEndAtOnce } from './failures.ts'
import type { Attempt } from './network-failure.ts'

/** ERPs slow down after failed logins, refuse all of them, or lock the user: try a minute later. */
const PAUSE_AFTER_REFUSAL_MS = 60_000
/** A login is dear (Tryton: half a second of bcrypt). Where sessions do not hold, stop after so many … */
const LOGINS_MAX = 5
/** … in so long. */
const LOGINS_WINDOW_MS = 10_000

/** Keeps logins from doing harm: refused credentials are not tried again and again, nor is a login that does not last. */
export class LoginLimit {
  readonly #clock: Clock
  #refused: { readonly until: number; readonly failure: UpstreamFailure } | undefined
  #recent: readonly number[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * @param login one at a time: the caller shares the result
   * @throws UpstreamFailure `rejected` for refused credentials, and again without asking for a minute;
   *   `session` when too many logins were needed of late; what the login throws
   */
  async attempt<T>(login: () => Promise<T>, attempt: Attempt): Promise<T> {
    const now = this.#clock.monotonic()
    if (this.#refused && now < this.#refused.until) throw this.#refused.failure
    this.#recent = this.#recent.filter(at => now - at < LOGINS_WINDOW_MS)
    if (this.#recent.length >= LOGINS_MAX) throw sessionsEndAtOnce(attempt)
    this.#recent = [...this.#recent, now]
    try {
      return await login()
    } catch (error) {
      throw this.#noteRefusal(error, attempt)
    }
  }

  #noteRefusal(error: unknown, attempt: Attempt): unknown {
    if (!(error instanceof UpstreamFailure)) return error
    const failure = error.kind === 'session' ? loginRefused(attempt) : error
    if (failure.kind === 'rejected' || failure.details.receivedStatus === 429) {
      this.#refused = { until: this.#clock.monotonic() + PAUSE_AFTER_REFUSAL_MS, failure }
    }
    return failure
  }
}
