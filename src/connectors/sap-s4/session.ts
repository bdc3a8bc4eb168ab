import type { Clock } from '../../kernel/clock.ts'
import { garbled } from '../failures.ts'
import type { Exchange, HttpTransport } from '../http-transport.ts'
import { LoginLimit } from '../login-limit.ts'
import { statusFailure } from './failures.ts'
import type { SapS4Credentials } from './settings.ts'

/** Any service will do: the token belongs to the session, not to the service. */
const ENTRANCE = '/sap/opu/odata/sap/API_MATERIAL_STOCK_SRV/'
/** SAP sets two or three; what is longer is not ours to carry around. */
const COOKIES_LENGTH_MAX = 8_000

/** A session at the gateway, and the token that whatever is not a GET has to show in it. */
export type Session = { readonly cookie: string; readonly csrfToken: string }

/**
 * Logs in: one GET with the credentials and `x-csrf-token: Fetch`. Without the cookies that come back,
 * every call would be a session of its own to SAP.
 *
 * @see SAP Gateway Foundation developer guide, "Cross-Site Request Forgery Protection"
 */
export class Logins {
  readonly #transport: HttpTransport
  readonly #limit: LoginLimit
  /** Sent with every request: SAP takes the cookies where they are still good. */
  readonly headers: Readonly<Record<string, string>>

  /** @param client the Mandant; a header serves as well as `?sap-client=`, and outlives `__next` links */
  constructor(
    transport: HttpTransport,
    { user, password }: SapS4Credentials,
    client: string | undefined,
    clock: Clock,
  ) {
    this.#transport = transport
    this.#limit = new LoginLimit(clock)
    this.headers = {
      Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      // Messages come in the language of the user otherwise.
      'Accept-Language': 'en',
      ...(client && { 'sap-client': client }),
    }
  }

  /** @throws UpstreamFailure `rejected` for a wrong password, and again without asking for a minute */
  open(exchange: Exchange): Promise<Session> {
    return this.#limit.attempt(() => this.#open(exchange), exchange)
  }

  async #open(exchange: Exchange): Promise<Session> {
    const headers = { ...this.headers, 'x-csrf-token': 'Fetch' }
    const request = { method: 'GET', path: ENTRANCE, headers } as const
    const answer = await this.#transport.send(request, exchange)
    if (answer.status !== 200) throw statusFailure(answer, exchange)
    const csrfToken = answer.headers['x-csrf-token']
    if (typeof csrfToken !== 'string') throw garbled('the login has no CSRF token', exchange)
    const cookie = [answer.headers['set-cookie'] ?? []]
      .flat()
      .map(each => each.split(';', 1)[0])
      .join('; ')
    if (cookie.length > COOKIES_LENGTH_MAX) throw garbled('too many cookies', exchange)
    return { cookie, csrfToken }
  }
}
