import type { Clock } from '../../kernel/clock.ts'
import { garbled, loginRefused } from '../failures.ts'
import type { Exchange, HttpTransport } from '../http-transport.ts'
import { LoginLimit } from '../login-limit.ts'
import { callJson2, callJsonRpc, type MethodCall } from './protocol.ts'
import type { OdooCredentials, OdooSettings } from './settings.ts'

/** Credentials that Odoo has accepted: how calls are made with them. */
export type Session = { call(question: MethodCall, exchange: Exchange): Promise<unknown> }

/** Reads nothing, and yet goes through key, database and access rights. */
export const PROBE: MethodCall = {
  model: 'product.product',
  method: 'search_read',
  args: [['domain', [['id', '=', 0]]]],
  kwargs: { fields: ['id'] },
}

/**
 * Opens sessions, and refuses to where that would only do harm. Odoo keeps none over either protocol:
 * `/jsonrpc` wants the user's id in each call, `/json/2` nothing but the key, which is tried once.
 */
export class Logins {
  readonly #http: HttpTransport
  readonly #settings: Pick<OdooSettings, 'api' | 'database'>
  readonly #credentials: OdooCredentials
  readonly #limit: LoginLimit

  constructor(
    http: HttpTransport,
    settings: Pick<OdooSettings, 'api' | 'database'>,
    credentials: OdooCredentials,
    clock: Clock,
  ) {
    this.#http = http
    this.#settings = settings
    this.#credentials = credentials
    this.#limit = new LoginLimit(clock)
  }

  /** @throws UpstreamFailure `rejected` for a wrong key, and again without asking for a minute */
  open(exchange: Exchange): Promise<Session> {
    const open = () =>
      this.#settings.api === 'json2' ? this.#openJson2(exchange) : this.#openJsonRpc(exchange)
    return this.#limit.attempt(open, exchange)
  }

  async #openJson2(exchange: Exchange): Promise<Session> {
    const headers = {
      Authorization: `bearer ${this.#credentials.key}`,
      'X-Odoo-Database': this.#settings.database,
    }
    const session: Session = {
      call: (question, of) => callJson2(this.#http, question, headers, of),
    }
    if (!Array.isArray(await session.call(PROBE, exchange))) throw garbled('no rows', exchange)
    return session
  }

  async #openJsonRpc(exchange: Exchange): Promise<Session> {
    const { database } = this.#settings
    const { user, key } = this.#credentials
    const args = [database, user, key, {}]
    const login = { service: 'common', method: 'authenticate', args }
    const uid = await callJsonRpc(this.#http, login, exchange)
    if (uid === false) throw loginRefused(exchange)
    if (typeof uid !== 'string' || !/^\d+$/.test(uid)) throw garbled('no user id', exchange)
    return {
      call: ({ model, method, args, kwargs = {} }, of) => {
        const values = args.map(([, value]) => value)
        const full = [database, Number(uid), key, model, method, values, kwargs]
        const params = { service: 'object', method: 'execute_kw', args: full }
        return callJsonRpc(this.#http, params, of)
      },
    }
  }
}
