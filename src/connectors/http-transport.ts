import axios, { type AxiosInstance } from 'axios'
import { UpstreamFailure } from '../kernel/upstream-failure.ts'
import type { ErpCall } from '../ports/erp.ts'
import { type Agents, keptAlive } from './agents.ts'
import { deadlineFailure, isDeadline } from './failures.ts'
import { type Gate, throughGate } from './gate/gate.ts'
import { pastDeadConnections } from './kept-connections.ts'
import { type Attempt, networkFailure } from './network-failure.ts'

/** Two hundred products with all that is read of them are 60 kB in Tryton, 120 kB in S/4HANA. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024

/** What a request carries and belongs to: from the port call, or from a fetch that several calls share. */
export type Exchange = ErpCall & Attempt

export type HttpRequest = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Text is sent as it is, the rest as JSON. */
  readonly body?: unknown
  /** It changes something: on a connection that breaks it is not sent again, since it may have arrived. */
  readonly isWrite?: boolean
}

export type HttpAnswer = {
  readonly status: number
  /** Names in lower case; several values only of `set-cookie`. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
}

/** Sends requests to one ERP and takes its texts back; knows nothing of sessions or of retail. */
export class HttpTransport {
  readonly #http: AxiosInstance
  readonly #agents: Agents
  readonly #maxSockets: number
  readonly #gate: Gate

  /**
   * @param maxSockets calls at the same time that the ERP bears; more wait for a free socket
   * @param gate what every request passes
   */
  constructor(address: string, maxSockets: number, gate: Gate) {
    this.#maxSockets = maxSockets
    this.#gate = gate
    this.#agents = keptAlive(maxSockets)
    this.#http = axios.create({
      baseURL: address,
      ...this.#agents,
      // The address is policy; the environment's proxies are not meant for it.
      proxy: false,
      maxRedirects: 0,
      responseType: 'text',
      transformResponse: text => text,
      validateStatus: () => true,
      maxContentLength: ANSWER_BYTES_MAX,
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    })
  }

  /**
   * Reads are sent again on another connection when the one they were given turns out to be dead.
   *
   * @returns the answer, whatever its status
   * @throws UpstreamFailure, or the signal's reason when the caller gave up
   */
  async send(
    { method, path, headers, body, isWrite }: HttpRequest,
    exchange: Exchange,
  ): Promise<HttpAnswer> {
    const { signal, correlationId, traceparent } = exchange
    const config = {
      method,
      url: path,
      data: body,
      signal,
      headers: {
        ...headers,
        'X-Correlation-Id': correlationId,
        ...(traceparent && { traceparent }),
      },
    }
    try {
      const send = () => throughGate(this.#gate, exchange, () => this.#http.request<string>(config))
      const answer = await pastDeadConnections(isWrite ? 0 : this.#maxSockets, send)
      const received = answer.headers as HttpAnswer['headers']
      return { status: answer.status, headers: received, text: answer.data }
    } catch (error) {
      if (error instanceof UpstreamFailure) throw error
      throw signal.aborted ? givenUp(signal, error, exchange) : networkFailure(error, exchange)
    }
  }

  close(): void {
    this.#agents.httpAgent.destroy()
    this.#agents.httpsAgent.destroy()
  }
}

/** A passed deadline is the ERP's doing, and `unknown` when the request had left; the rest is the caller's. */
function givenUp(signal: AbortSignal, error: unknown, attempt: Attempt): unknown {
  if (!isDeadline(signal.reason)) return signal.reason
  const socket = axios.isAxiosError(error) ? error.request?.socket : undefined
  if (!socket) return deadlineFailure('busy', 'connection_limit_reached', attempt)
  return socket.connecting
    ? deadlineFailure('unreachable', 'connection_timeout', attempt)
    : deadlineFailure('unknown', 'http_response_timeout', attempt)
}
