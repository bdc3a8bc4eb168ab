import type { Clock } from '../../kernel/clock.ts'
import { UpstreamFailure } from '../../kernel/upstream-failure.ts'
import type { ErpCall } from '../../ports/erp.ts'
import { deadlineFailure, isClosing, isDeadline } from './failures.ts'
import { resultOf } from './rpc-answer.ts'
import { Logins, type Session } from './session.ts'
import type { TrytonCredentials } from './settings.ts'
import { Shared } from './shared.ts'
import { type Exchange, Transport } from './transport.ts'

/** A login took 2 s with eight at the same time, and up to 5 s after failed ones. */
const SHARED_FETCH_MS = 10_000
const LOGOUT_MS = 1_000

export type ClientOptions = {
  /** The connection's name in the policies. */
  readonly connection: string
  readonly address: string
  readonly database: string
  readonly credentials: TrytonCredentials
  readonly maxSockets: number
  readonly clock: Clock
}

/**
 * JSON-RPC to one Tryton database, in the session of one user: logs in when needed, once for all who
 * wait, and once more when a session has ended. Knows nothing of retail.
 *
 * @see trytond/protocols/jsonrpc.py; one request is one transaction, a batch is not understood
 */
export class TrytonClient {
  readonly #connection: string
  readonly #clock: Clock
  readonly #path: string
  readonly #transport: Transport
  readonly #logins: Logins
  readonly #session: Shared<Session>
  readonly #closing = new AbortController()
  #requests = 0

  constructor({ connection, address, database, credentials, maxSockets, clock }: ClientOptions) {
    this.#connection = connection
    this.#clock = clock
    this.#path = `/${database}/`
    this.#transport = new Transport(address, maxSockets)
    this.#logins = new Logins(this.#transport, this.#path, credentials, clock)
    this.#session = this.shared('session.login', exchange => this.#logins.open(exchange))
  }

  /**
   * Runs a port call. Whatever it started and did not wait for ends with it.
   *
   * @throws UpstreamFailure; the signal's reason when the caller gave up
   */
  async run<T>(name: string, call: ErpCall, work: (exchange: Exchange) => Promise<T>): Promise<T> {
    const over = new AbortController()
    const { correlationId, traceparent } = call
    const signal = AbortSignal.any([call.signal, this.#closing.signal, over.signal])
    const attempt = { connection: this.#connection, call: name }
    try {
      signal.throwIfAborted()
      return await work({ ...attempt, signal, correlationId, ...(traceparent && { traceparent }) })
    } catch (error) {
      // Waiting for somebody else's login or table when the time was up: nothing of ours was sent.
      throw isDeadline(error)
        ? deadlineFailure('unreachable', 'http_response_timeout', attempt)
        : error
    } finally {
      over.abort()
    }
  }

  /**
   * Calls a method that changes nothing.
   *
   * @param method `model.product.product.search_read`
   * @param params all but the last, which is the context
   * @param context on top of the session's
   */
  async read(
    method: string,
    params: readonly unknown[],
    context: object,
    exchange: Exchange,
  ): Promise<unknown> {
    const session = await this.#session.get(exchange.signal)
    try {
      return await this.#read(method, params, context, session, exchange)
    } catch (error) {
      if (!(error instanceof UpstreamFailure && error.kind === 'session')) throw error
      await this.#session.drop(session)
      const renewed = await this.#session.get(exchange.signal)
      return await this.#read(method, params, context, renewed, exchange)
    }
  }

  /** A table that all calls use; fetched under a deadline of its own, since no caller's may end it. */
  shared<T>(name: string, fetch: (exchange: Exchange) => Promise<T>, ttlMs?: number): Shared<T> {
    const exchange = () => ({
      connection: this.#connection,
      call: name,
      correlationId: `postern-${name}`,
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(SHARED_FETCH_MS)]),
    })
    return new Shared(
      () => fetch(exchange()),
      () => this.#clock.monotonic(),
      ttlMs,
    )
  }

  /** Sessions are rows in Tryton's database and would stay there for a month. */
  async close(): Promise<void> {
    const attempt = { connection: this.#connection, call: 'session.logout' }
    this.#closing.abort(isClosing(attempt))
    const session = await this.#session.peek()
    if (session) {
      const signal = AbortSignal.timeout(LOGOUT_MS)
      await this.#logins
        .close(session, { ...attempt, signal, correlationId: 'postern-session.logout' })
        .catch(() => undefined)
    }
    this.#transport.close()
  }

  async #read(
    method: string,
    params: readonly unknown[],
    context: object,
    session: Session,
    exchange: Exchange,
  ): Promise<unknown> {
    // Exactly these three keys: with any other set of them Tryton tells failures as HTML pages.
    const id = ++this.#requests
    const body = { id, method, params: [...params, { ...session.context, ...context }] }
    const headers = { Authorization: session.authorization }
    return resultOf(await this.#transport.ask(this.#path, body, headers, exchange), exchange)
  }
}
