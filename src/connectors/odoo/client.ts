import type { Clock } from '../../kernel/clock.ts'
import { UpstreamFailure } from '../../kernel/upstream-failure.ts'
import type { Gate } from '../gate/gate.ts'
import { type Exchange, HttpTransport } from '../http-transport.ts'
import { PortCalls } from '../port-calls.ts'
import type { Shared } from '../shared.ts'
import type { MethodCall } from './protocol.ts'
import { Logins, type Session } from './session.ts'
import type { OdooCredentials, OdooSettings } from './settings.ts'

export type ClientOptions = {
  /** The connection's name in the policies. */
  readonly connection: string
  readonly address: string
  readonly settings: Pick<OdooSettings, 'api' | 'database' | 'company'>
  readonly credentials: OdooCredentials
  readonly maxSockets: number
  readonly gate: Gate
  readonly clock: Clock
}

/** Calls methods of one Odoo database as one user, in one company. Knows nothing of retail. */
export class OdooClient {
  readonly calls: PortCalls
  readonly #company: number
  readonly #http: HttpTransport
  readonly #session: Shared<Session>

  constructor({
    connection,
    address,
    settings,
    credentials,
    maxSockets,
    gate,
    clock,
  }: ClientOptions) {
    this.calls = new PortCalls(connection, clock)
    this.#company = settings.company
    // Odoo closes the connection after each answer, so none is ever kept.
    this.#http = new HttpTransport(address, maxSockets, gate)
    const logins = new Logins(this.#http, settings, credentials, clock)
    this.#session = this.calls.shared('session.login', exchange => logins.open(exchange))
  }

  /**
   * Calls a method that changes nothing.
   *
   * @param context on top of the company: without that, figures of all the user's companies mix
   * @returns its result, every number as text; undefined where the method returned None
   * @throws UpstreamFailure
   */
  async read(question: MethodCall, context: object, exchange: Exchange): Promise<unknown> {
    const full = {
      ...question,
      kwargs: {
        ...question.kwargs,
        context: { allowed_company_ids: [this.#company], ...context },
      },
    }
    const session = await this.#session.get(exchange.signal)
    try {
      return await session.call(full, exchange)
    } catch (error) {
      if (!(error instanceof UpstreamFailure && error.kind === 'session')) throw error
      await this.#session.drop(session)
      const renewed = await this.#session.get(exchange.signal)
      return await renewed.call(full, exchange)
    }
  }

  async close(): Promise<void> {
    await this.calls.close('close', async () => {})
    this.#http.close()
  }
}
