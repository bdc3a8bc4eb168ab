import Type from 'typebox'
import { Compile } from 'typebox/compile'
import type { Clock } from '../../kernel/clock.ts'
import { garbled } from '../failures.ts'
import type { Exchange } from '../http-transport.ts'
import { LoginLimit } from '../login-limit.ts'
import { resultOf } from './rpc-answer.ts'
import type { TrytonCredentials } from './settings.ts'
import type { Transport } from './transport.ts'

/** A login that Tryton accepted, and what each call has to say because of whose it is. */
export type Session = {
  /** Value of `Authorization`. */
  readonly authorization: string
  /** The last parameter of every call: whose data, and in which language errors are told. */
  readonly context: { readonly company: number; readonly language: 'en' }
}

const LoginResult = Compile(Type.Tuple([Type.Integer(), Type.String()]))
const Preferences = Compile(Type.Object({ company: Type.Integer() }))

/**
 * Logs in, and refuses to where that would only do harm. One at a time: the caller shares the result.
 *
 * @see trytond/security.py and res/user.py, LoginAttempt
 */
export class Logins {
  readonly #transport: Transport
  readonly #path: string
  readonly #credentials: TrytonCredentials
  readonly #limit: LoginLimit

  constructor(transport: Transport, path: string, credentials: TrytonCredentials, clock: Clock) {
    this.#transport = transport
    this.#path = path
    this.#credentials = credentials
    this.#limit = new LoginLimit(clock)
  }

  /** @throws UpstreamFailure `rejected` for a wrong password, and again without asking for a minute */
  async open(exchange: Exchange): Promise<Session> {
    const authorization = await this.#limit.attempt(() => this.#login(exchange), exchange)
    const body = { id: 0, method: 'model.res.user.get_preferences', params: [true, {}] }
    const headers = { Authorization: authorization }
    const preferences = resultOf(
      await this.#transport.ask(this.#path, body, headers, exchange),
      exchange,
    )
    if (!Preferences.Check(preferences)) throw garbled('the user has no company', exchange)
    return { authorization, context: { company: preferences.company, language: 'en' } }
  }

  async close(session: Session, exchange: Exchange): Promise<void> {
    const body = { id: 0, method: 'common.db.logout', params: [] }
    await this.#transport.ask(this.#path, body, { Authorization: session.authorization }, exchange)
  }

  async #login(exchange: Exchange): Promise<string> {
    const { user, password } = this.#credentials
    const body = { id: 0, method: 'common.db.login', params: [user, { password }, 'en'] }
    const result = resultOf(await this.#transport.ask(this.#path, body, {}, exchange), exchange)
    if (!LoginResult.Check(result)) throw garbled('the login has no session', exchange)
    const [userId, key] = result
    return `Session ${Buffer.from(`${user}:${userId}:${key}`).toString('base64')}`
  }
}
