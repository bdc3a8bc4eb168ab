import type { IncomingHttpHeaders } from 'node:http'
import type { MaybePromise } from '../kernel/maybe-promise.ts'
import type { Idempotency } from '../ports/idempotency.ts'
import type { Principal } from './principal.ts'
import type { Reply } from './reply.ts'
import type { Verdict } from './trail.ts'

/** A parsed query: a name maps to its values in order. */
export type RawQuery = ReadonlyMap<string, readonly string[]>

/**
 * One call on its way through the gateway. It knows nothing of sockets, so that tests, replay and
 * explain need none. What a step establishes is in the type: `Arrived → Identified → Allowed →
 * Admitted`; running an operation on unchecked input does not compile.
 */
export interface Arrived {
  /** Correlation id: the caller's, or ours. */
  readonly id: string
  readonly method: string
  /** Path and query as received. */
  readonly url: string
  readonly path: string
  /** The query text without `?`, as received. */
  readonly search: string
  readonly headers: IncomingHttpHeaders
  /** Path parameters, percent-decoded. */
  readonly pathParams: Readonly<Record<string, string>>
  /** Reads the body once; rejects with Problem `payload-too-large` past the limit. */
  readBody(maxBytes: number): Promise<Buffer>
  /** Epoch ms at arrival. */
  readonly receivedAt: number
  /** Monotonic ms by which the answer must be out. */
  readonly deadlineAt: number
  /** Ends when the caller hangs up or the deadline passes. */
  readonly signal: AbortSignal
  /** The caller has hung up: nobody will read the answer. */
  readonly isAbandoned: boolean
  /** `traceparent` to send onwards (a child of the caller's, or a new trace). */
  readonly traceparent: string
  /** What each step decided, in order. */
  readonly trail: Verdict[]
  /** Header fields the steps add to whatever the answer turns out to be: name, value, … */
  readonly replyHeaders: string[]
  /**
   * `enforce`: a refusal leaves the pipeline. `explain`: it is noted and the call goes on, so that
   * every later step has its say.
   */
  readonly stance: 'enforce' | 'explain'
}

export interface Identified extends Arrived {
  readonly principal: Principal
}

export interface Allowed extends Identified {
  readonly scopesChecked: true
}

/** Past every gate: input is valid and typed as the contract says. */
export interface Admitted extends Allowed {
  readonly query: Readonly<Record<string, unknown>>
  readonly params: Readonly<Record<string, unknown>>
  readonly body: unknown
  /**
   * A trait of the caller that the answer may depend on; only those that the operation's cache
   * policy names exist, so that a cached answer can never depend on anything else.
   *
   * @throws InvariantError for a trait that the policy does not name
   */
  trait(name: string): string
  /** The answer must be what is so now: nothing remembered may go into it. */
  readonly readThrough: boolean
  /**
   * Keeps the answer to a call with an Idempotency-Key, in the transaction of its effect; there is none where
   * the operation's policy asks for no key.
   */
  readonly keep?: (kept: Idempotency, reply: Reply) => Promise<void>
}

export type Handler<X extends Arrived> = (exchange: X) => MaybePromise<Reply>

/** A governing step: wraps what comes after it, or is it, when its setting is absent. */
export type Step<In extends Arrived, Out extends Arrived> = (next: Handler<Out>) => Handler<In>
