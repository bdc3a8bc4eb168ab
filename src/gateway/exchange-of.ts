import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '../kernel/clock.ts'
import { isCorrelationId, newCorrelationId } from '../kernel/ids.ts'
import { childTraceparent } from '../telemetry/trace-context.ts'
import type { Arrived } from './exchange.ts'
import type { Verdict } from './trail.ts'

/** What an edge knows of a call. A socket, a test and a replay all provide just this. */
export type IncomingCall = {
  readonly method: string
  /** Path and query as received. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** Rejects with Problem `payload-too-large` past the limit. */
  readBody(maxBytes: number): Promise<Buffer>
  /** Registers who is told when the caller hangs up before the reply; asked for once at most. */
  onHangUp(listener: (reason: Error) => void): void
  /** `explain` lets every stage have its say; see Arrived. `enforce` when absent. */
  readonly stance?: Arrived['stance']
}

/** A call that has been matched to an operation and waits to be governed. */
export class Exchange implements Arrived {
  readonly id: string
  readonly method: string
  readonly url: string
  readonly path: string
  readonly search: string
  readonly headers: IncomingHttpHeaders
  readonly pathParams: Readonly<Record<string, string>>
  readonly receivedAt: number
  readonly startedAt: number
  readonly deadlineAt: number
  readonly trail: Verdict[] = []
  readonly replyHeaders: string[] = []
  readonly stance: 'enforce' | 'explain'
  readonly #call: IncomingCall
  readonly #timeoutMs: number
  readonly #trustSampling: boolean
  #body: Promise<Buffer> | undefined
  #controller: AbortController | undefined
  #timer: NodeJS.Timeout | undefined
  #traceparent: string | undefined
  #ended: Error | undefined

  constructor(
    call: IncomingCall,
    settings: {
      clock: Clock
      timeoutMs: number
      pathParams: Readonly<Record<string, string>>
      trustSampling: boolean
    },
  ) {
    const given = call.headers['x-correlation-id']
    this.id = typeof given === 'string' && isCorrelationId(given) ? given : newCorrelationId()
    this.method = call.method
    this.url = call.url
    const mark = call.url.indexOf('?')
    this.path = mark < 0 ? call.url : call.url.slice(0, mark)
    this.search = mark < 0 ? '' : call.url.slice(mark + 1)
    this.headers = call.headers
    this.pathParams = settings.pathParams
    this.receivedAt = settings.clock.now()
    this.startedAt = settings.clock.monotonic()
    this.deadlineAt = this.startedAt + settings.timeoutMs
    this.stance = call.stance ?? 'enforce'
    this.#timeoutMs = settings.timeoutMs
    this.#trustSampling = settings.trustSampling
    this.#call = call
  }

  readBody(maxBytes: number): Promise<Buffer> {
    this.#body ??= this.#call.readBody(maxBytes)
    return this.#body
  }

  /** Made on demand: a governed cached read never asks for it. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#ended) this.#controller.abort(this.#ended)
      else {
        this.#timer = setTimeout(
          () => this.end(new DOMException('the deadline has passed', 'TimeoutError')),
          this.#timeoutMs,
        )
        this.#timer.unref()
        this.#call.onHangUp(reason => this.end(reason))
      }
    }
    return this.#controller.signal
  }

  get isAbandoned(): boolean {
    return this.#ended?.name === 'AbortError'
  }

  get traceparent(): string {
    this.#traceparent ??= childTraceparent(this.headers.traceparent, this.#trustSampling)
    return this.#traceparent
  }

  /**
   * The trace that the call belongs to, as far as there is one: what was sent onwards, or what the caller
   * sent. A cached read without a caller's trace makes none: sixteen random bytes cost more than the rest of it.
   */
  get trace(): string | undefined {
    if (this.#traceparent === undefined && this.headers.traceparent === undefined) return undefined
    return this.traceparent
  }

  /** The call is over, or nobody waits for it any more: whatever still works for it is told so. */
  end(reason: Error): void {
    if (this.#ended) return
    this.#ended = reason
    clearTimeout(this.#timer)
    this.#controller?.abort(reason)
  }
}
