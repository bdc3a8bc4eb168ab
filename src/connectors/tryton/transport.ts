import type { Gate } from '../gate/gate.ts'
import { type Exchange, HttpTransport } from '../http-transport.ts'
import { statusFailure } from './failures.ts'

/** Sends JSON to one Tryton and takes its text back; knows nothing of sessions or of retail. */
export class Transport {
  readonly #http: HttpTransport

  /** @param maxSockets calls at the same time that the ERP bears; more wait for a free socket */
  constructor(address: string, maxSockets: number, gate: Gate) {
    this.#http = new HttpTransport(address, maxSockets, gate)
  }

  /**
   * @param path `/` or `/<database>/`; the slash at the end is part of Tryton's route
   * @param isWrite it is not sent twice, whatever becomes of the connection
   * @returns the body of an answer of status 200
   * @throws UpstreamFailure, or the signal's reason when the caller gave up
   */
  async ask(
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
    exchange: Exchange,
    isWrite = false,
  ): Promise<string> {
    const request = { method: 'POST', path, headers, body, isWrite } as const
    const answer = await this.#http.send(request, exchange)
    if (answer.status === 200) return answer.text
    throw statusFailure(answer.status, answer.headers['retry-after'], exchange)
  }

  close(): void {
    this.#http.close()
  }
}
