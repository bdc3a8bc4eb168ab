import { randomUUID } from 'node:crypto'
import type { Clock } from '../../kernel/clock.ts'
import { garbled } from '../failures.ts'
import type { Gate } from '../gate/gate.ts'
import { type Exchange, type HttpAnswer, HttpTransport } from '../http-transport.ts'
import { PortCalls } from '../port-calls.ts'
import type { Shared } from '../shared.ts'
import { type Page, pageOf } from './answer.ts'
import { type BatchPart, batchAnswers, batchBody } from './batch.ts'
import { statusFailure } from './failures.ts'
import { type Query, queryPath } from './query.ts'
import { Logins, type Session } from './session.ts'
import type { SapS4Credentials } from './settings.ts'

const SERVICES = '/sap/opu/odata/sap'
/** Each takes the ERP about as long as a call of its own, one after the other. */
const BATCH_PARTS_MAX = 20
/** SAP tells 1,000 rows a page; what needs more pages than these was not asked for. */
const PAGES_MAX = 100

export type ClientOptions = {
  /** The connection's name in the policies. */
  readonly connection: string
  readonly address: string
  readonly client: string | undefined
  readonly credentials: SapS4Credentials
  readonly maxSockets: number
  readonly gate: Gate
  readonly clock: Clock
}

type Request = { readonly path: string; readonly headers: Readonly<Record<string, string>> } & (
  | { readonly method: 'GET' }
  | { readonly method: 'POST'; readonly body: unknown }
)

/**
 * OData V2 to one S/4HANA, in the session of one communication user: logs in when needed, once for all who
 * wait, and once more when session or CSRF token have ended. Knows nothing of retail.
 *
 * @see https://www.odata.org/documentation/odata-version-2-0/
 */
export class SapClient {
  readonly calls: PortCalls
  readonly #transport: HttpTransport
  readonly #logins: Logins
  readonly #session: Shared<Session>

  constructor({
    connection,
    address,
    client,
    credentials,
    maxSockets,
    gate,
    clock,
  }: ClientOptions) {
    this.calls = new PortCalls(connection, clock)
    this.#transport = new HttpTransport(address, maxSockets, gate)
    this.#logins = new Logins(this.#transport, credentials, client, clock)
    this.#session = this.calls.shared('session.login', exchange => this.#logins.open(exchange))
  }

  /**
   * The rows of each query, all pages of them. Several queries travel as one `$batch`, so that a port call
   * takes one work process of the ERP, however many queries it needs.
   *
   * @param service `API_MATERIAL_STOCK_SRV`
   * @throws UpstreamFailure of the first query that failed
   */
  async read(
    service: string,
    queries: readonly Query[],
    exchange: Exchange,
  ): Promise<readonly (readonly unknown[])[]> {
    const paths = queries.map(queryPath)
    const [only] = paths
    const answers =
      paths.length === 1 && only !== undefined
        ? [await this.#get(service, only, exchange)]
        : await this.batch(
            service,
            paths.map(path => ({ method: 'GET', path })),
            exchange,
          )
    const all: (readonly unknown[])[] = []
    for (const answer of answers) {
      all.push(await this.#allPages(service, pageOf(answer, exchange), exchange))
    }
    return all
  }

  /**
   * For what may be sent twice: reads, and a POST that changes nothing.
   *
   * @returns one answer for each part, in their order: a part that failed does not fail the others
   */
  async batch(
    service: string,
    parts: readonly BatchPart[],
    exchange: Exchange,
  ): Promise<readonly HttpAnswer[]> {
    const answers: HttpAnswer[] = []
    for (let i = 0; i < parts.length; i += BATCH_PARTS_MAX) {
      answers.push(...(await this.#batch(service, parts.slice(i, i + BATCH_PARTS_MAX), exchange)))
    }
    return answers
  }

  close(): Promise<void> {
    // Sessions end by themselves; a log-off is a page for browsers.
    return this.calls
      .close('session.logout', () => Promise.resolve())
      .then(() => this.#transport.close())
  }

  async #get(service: string, path: string, exchange: Exchange): Promise<HttpAnswer> {
    const request = { method: 'GET', path: `${SERVICES}/${service}/${path}`, headers: {} } as const
    return this.#send(request, exchange)
  }

  async #batch(
    service: string,
    parts: readonly BatchPart[],
    exchange: Exchange,
  ): Promise<readonly HttpAnswer[]> {
    const boundary = `batch_${randomUUID()}`
    const headers = {
      'Content-Type': `multipart/mixed; boundary=${boundary}`,
      Accept: 'multipart/mixed',
    }
    const body = batchBody(parts, boundary)
    const path = `${SERVICES}/${service}/$batch`
    const answer = await this.#send({ method: 'POST', path, headers, body }, exchange)
    if (answer.status !== 202 && answer.status !== 200) throw statusFailure(answer, exchange)
    const answers = multipart(answer, exchange)
    if (answers.length !== parts.length) throw garbled('parts of a $batch are missing', exchange)
    return answers
  }

  /** `__next` names a host that only SAP may know: what follows the service is enough. */
  async #allPages(service: string, first: Page, exchange: Exchange): Promise<readonly unknown[]> {
    const rows = [...first.rows]
    let page = first
    for (let pages = 1; page.next !== undefined; pages++) {
      const [, path] = page.next.split(`/${service}/`)
      if (path === undefined || pages >= PAGES_MAX) throw garbled('pages without end', exchange)
      page = pageOf(await this.#get(service, path, exchange), exchange)
      rows.push(...page.rows)
    }
    return rows
  }

  /** Once more when the session was over: SAP says so before it does anything. */
  async #send(request: Request, exchange: Exchange): Promise<HttpAnswer> {
    const session = await this.#session.get(exchange.signal)
    const answer = await this.#sendIn(session, request, exchange)
    if (!isSessionOver(answer, exchange)) return answer
    await this.#session.drop(session)
    const renewed = await this.#session.get(exchange.signal)
    return this.#sendIn(renewed, request, exchange)
  }

  #sendIn(session: Session, request: Request, exchange: Exchange): Promise<HttpAnswer> {
    const headers = {
      ...this.#logins.headers,
      ...request.headers,
      ...(session.cookie && { Cookie: session.cookie }),
      ...(request.method === 'POST' && { 'x-csrf-token': session.csrfToken }),
    }
    return this.#transport.send({ ...request, headers }, exchange)
  }
}

const isSessionOver = (answer: HttpAnswer, exchange: Exchange): boolean =>
  (answer.status === 401 || answer.status === 403) &&
  statusFailure(answer, exchange).kind === 'session'

function multipart({ text, headers }: HttpAnswer, exchange: Exchange): readonly HttpAnswer[] {
  try {
    return batchAnswers(text, String(headers['content-type']))
  } catch (error) {
    if (error instanceof RangeError) throw garbled(error.message, exchange)
    throw error
  }
}
