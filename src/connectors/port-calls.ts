import type { Clock } from '../kernel/clock.ts'
import { OWN_CALLS } from '../model/work-class.ts'
import type { ErpCall } from '../ports/erp.ts'
import { deadlineFailure, isClosing, isDeadline } from './failures.ts'
import type { Exchange } from './http-transport.ts'
import { Shared } from './shared.ts'

/** A login took Tryton 2 s with eight at the same time, and up to 5 s after failed ones. */
const SHARED_FETCH_MS = 10_000
const FAREWELL_MS = 1_000

/** The calls of one connection: each ends with its caller, its deadline, or the connection. */
export class PortCalls {
  readonly #connection: string
  readonly #clock: Clock
  readonly #closing = new AbortController()

  /** @param connection its name in the policies */
  constructor(connection: string, clock: Clock) {
    this.#connection = connection
    this.#clock = clock
  }

  /**
   * Runs a port call. Whatever it started and did not wait for ends with it.
   *
   * @throws UpstreamFailure; the signal's reason when the caller gave up
   */
  async run<T>(name: string, call: ErpCall, work: (exchange: Exchange) => Promise<T>): Promise<T> {
    const over = new AbortController()
    const signal = AbortSignal.any([call.signal, this.#closing.signal, over.signal])
    const attempt = { connection: this.#connection, call: name }
    try {
      signal.throwIfAborted()
      return await work({ ...call, ...attempt, signal })
    } catch (error) {
      // Waiting for somebody else's login or table when the time was up: nothing of ours was sent.
      throw isDeadline(error)
        ? deadlineFailure('unreachable', 'http_response_timeout', attempt)
        : error
    } finally {
      over.abort()
    }
  }

  /** What all calls use; fetched under a deadline of its own, since no caller's may end it. */
  shared<T>(name: string, fetch: (exchange: Exchange) => Promise<T>, ttlMs?: number): Shared<T> {
    const exchange = () =>
      this.#own(name, SHARED_FETCH_MS, [this.#closing.signal, AbortSignal.timeout(SHARED_FETCH_MS)])
    return new Shared(
      () => fetch(exchange()),
      () => this.#clock.monotonic(),
      ttlMs,
    )
  }

  /** Ends all calls; what is said in leaving, such as a logout, has a second and may fail. */
  async close(name: string, farewell: (exchange: Exchange) => Promise<unknown>): Promise<void> {
    this.#closing.abort(isClosing({ connection: this.#connection, call: name }))
    const exchange = this.#own(name, FAREWELL_MS, [AbortSignal.timeout(FAREWELL_MS)])
    await farewell(exchange).catch(() => undefined)
  }

  /** What belongs to no caller. */
  #own(name: string, withinMs: number, signals: AbortSignal[]): Exchange {
    return {
      connection: this.#connection,
      call: name,
      correlationId: `postern-${name}`,
      workClass: OWN_CALLS,
      deadlineAt: this.#clock.monotonic() + withinMs,
      signal: AbortSignal.any(signals),
    }
  }
}
