import type { Clock } from '../../kernel/clock.ts'
import { UpstreamFailure } from '../../kernel/upstream-failure.ts'
import type { Gate } from '../gate/gate.ts'
import type { Exchange } from '../http-transport.ts'
import { PortCalls } from '../port-calls.ts'
import type { Shared } from '../shared.ts'
import { resultOf } from './rpc-answer.ts'
import { Logins, type Session } from './session.ts'
import type { TrytonCredentials } from './settings.ts'
import { Transport } from './transport.ts'

export type ClientOptions = {
  /** The connection's name in the policies. */
  readonly connection: string
  readonly address: string
  readonly database: string
  readonly credentials: TrytonCredentials
  readonly maxSockets: number
  readonly gate: Gate
  readonly clock: Clock
}

type Call = {
  readonly method: string
  readonly params: readonly unknown[]
  readonly context: object
  readonly isWrite: boolean
}

/**
 * JSON-RPC to one Tryton database, in the session of one user: logs in when needed, once for all who
 * wait, and once more when a session has ended. Knows nothing of retail.
 *
 * @see trytond/protocols/jsonrpc.py; one request is one transaction, a batch is not understood
 */
export class TrytonClient {
  readonly calls: PortCalls
  readonly #path: string
  readonly #transport: Transport
  readonly #logins: Logins
  readonly #session: Shared<Session>
  #requests = 0

  constructor({
    connection,
    address,
    database,
    credentials,
    maxSockets,
    gate,
    clock,
  }: ClientOptions) {
    this.calls = new PortCalls(connection, clock)
    this.#path = `/${database}/`
    this.#transport = new Transport(address, maxSockets, gate)
    this.#logins = new Logins(this.#transport, this.#path, credentials, clock)
    this.#session = this.calls.shared('session.login', exchange => this.#logins.open(exchange))
  }

  /**
   * Calls a method that changes nothing.
   *
   * @param method `model.product.product.search_read`
   * @param params all but the last, which is the context
   * @param context on top of the session's
   */
  read(
    method: string,
    params: readonly unknown[],
    context: object,
    exchange: Exchange,
  ): Promise<unknown> {
    return this.#call({ method, params, context, isWrite: false }, exchange)
  }

  /** Calls a method that changes something: whether it was done, a broken connection leaves open. */
  write(
    method: string,
    params: readonly unknown[],
    context: object,
    exchange: Exchange,
  ): Promise<unknown> {
    return this.#call({ method, params, context, isWrite: true }, exchange)
  }

  /** Whose data the session's user works with. */
  async context(exchange: Exchange): Promise<Session['context']> {
    return (await this.#session.get(exchange.signal)).context
  }

  /** Sessions are rows in Tryton's database and would stay there for a month. */
  async close(): Promise<void> {
    await this.calls.close('session.logout', async exchange => {
      const session = await this.#session.peek()
      if (session) await this.#logins.close(session, exchange)
    })
    this.#transport.close()
  }

  /** A call without a session is refused before anything is done: it may be sent again, also one that writes. */
  async #call(call: Call, exchange: Exchange): Promise<unknown> {
    const session = await this.#session.get(exchange.signal)
    try {
      return await this.#send(call, session, exchange)
    } catch (error) {
      if (!(error instanceof UpstreamFailure && error.kind === 'session')) throw error
      await this.#session.drop(session)
      const renewed = await this.#session.get(exchange.signal)
      return await this.#send(call, renewed, exchange)
    }
  }

  async #send(
    { method, params, context, isWrite }: Call,
    session: Session,
    exchange: Exchange,
  ): Promise<unknown> {
    // Exactly these three keys: with any other set of them Tryton tells failures as HTML pages.
    const id = ++this.#requests
    const body = { id, method, params: [...params, { ...session.context, ...context }] }
    const headers = { Authorization: session.authorization }
    const text = await this.#transport.ask(this.#path, body, headers, exchange, isWrite)
    return resultOf(text, exchange)
  }
}
