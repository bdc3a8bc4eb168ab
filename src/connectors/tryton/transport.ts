import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import axios, { type AxiosInstance } from 'axios'
import { UpstreamFailure } from '../../kernel/upstream-failure.ts'
import type { ErpCall } from '../../ports/erp.ts'
import { pastDeadConnections } from '../kept-connections.ts'
import { type Attempt, networkFailure } from '../network-failure.ts'
import { deadlineFailure, isDeadline, statusFailure } from './failures.ts'

/** 200 products with all that is read of them are 60 kB. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024

/** What a request carries and belongs to: from the port call, or from a fetch that several calls share. */
export type Exchange = Pick<ErpCall, 'signal' | 'correlationId' | 'traceparent'> & Attempt

/** Sends JSON to one Tryton and takes its text back; knows nothing of sessions or of retail. */
export class Transport {
  readonly #http: AxiosInstance
  readonly #agents: readonly [HttpAgent, HttpsAgent]
  readonly #maxSockets: number

  /** @param maxSockets calls at the same time that the ERP bears; more wait for a free socket */
  constructor(address: string, maxSockets: number) {
    this.#maxSockets = maxSockets
    const options = { keepAlive: true, maxSockets }
    this.#agents = [new HttpAgent(options), new HttpsAgent(options)]
    this.#http = axios.create({
      baseURL: address,
      httpAgent: this.#agents[0],
      httpsAgent: this.#agents[1],
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
   * For requests that may be sent twice, as all reads may.
   *
   * @param path `/` or `/<database>/`; the slash at the end is part of Tryton's route
   * @returns the body of an answer of status 200
   * @throws UpstreamFailure, or the signal's reason when the caller gave up
   */
  async ask(path: string, body: unknown, headers: object, exchange: Exchange): Promise<string> {
    const { signal, correlationId, traceparent } = exchange
    const config = {
      signal,
      headers: {
        ...headers,
        'X-Correlation-Id': correlationId,
        ...(traceparent && { traceparent }),
      },
    }
    try {
      const send = () => this.#http.post<string>(path, body, config)
      const answer = await pastDeadConnections(this.#maxSockets, send)
      if (answer.status === 200) return answer.data
      throw statusFailure(answer.status, answer.headers['retry-after'], exchange)
    } catch (error) {
      if (error instanceof UpstreamFailure) throw error
      throw signal.aborted ? givenUp(signal, error, exchange) : networkFailure(error, exchange)
    }
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy()
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
