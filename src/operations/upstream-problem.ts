import { Problem, type ProblemCode } from '../kernel/problems.ts'
import { UpstreamFailure, type UpstreamFailureKind } from '../kernel/upstream-failure.ts'

const CODES: Readonly<Record<UpstreamFailureKind, ProblemCode>> = {
  unreachable: 'erp-unreachable',
  busy: 'erp-busy',
  /** Logged in again and still not let in: nothing the caller could mend, and it may pass. */
  session: 'erp-unreachable',
  rejected: 'erp-rejected',
  garbled: 'erp-garbled',
  unknown: 'erp-timeout',
}

/** Problems that come with a Retry-After. */
const WORTH_WAITING: ReadonlySet<ProblemCode> = new Set([
  'erp-busy',
  'erp-unreachable',
  'erp-connection-lost',
])

/** What we ask a caller to wait when the ERP itself named no time: one breaker window is about this long. */
const RETRY_AFTER_SECONDS = 2

/**
 * What the caller is told of an ERP that failed: which connection, in the standard's words, and nothing
 * that the ERP said.
 *
 * @returns a Problem for an UpstreamFailure or a passed deadline; any other error unchanged
 */
export function upstreamProblem(error: unknown): unknown {
  if (error instanceof UpstreamFailure) {
    const { connection, proxyError, receivedStatus, retryAfterSeconds } = error.details
    const code = proxyError === 'connection_terminated' ? 'erp-connection-lost' : CODES[error.kind]
    return new Problem(code, {
      headers: { 'Proxy-Status': proxyStatus(proxyError, connection, receivedStatus) },
      ...(WORTH_WAITING.has(code) && {
        retryAfterSeconds: retryAfterSeconds ?? RETRY_AFTER_SECONDS,
      }),
      cause: error,
    })
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new Problem('erp-timeout', {
      headers: { 'Proxy-Status': proxyStatus('http_response_timeout') },
      cause: error,
    })
  }
  return error
}

/** Waits for a use case; an ERP's failure becomes the problem that the caller is told. */
export async function orUpstreamProblem<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw upstreamProblem(error)
  }
}

/**
 * @see RFC 9209 section 2: a structured-field list with one member per proxy that had a hand in it
 */
const proxyStatus = (error: string, nextHop?: string, receivedStatus?: number): string =>
  [
    'postern',
    `error=${error}`,
    ...(nextHop === undefined ? [] : [`next-hop=${fieldString(nextHop)}`]),
    ...(receivedStatus === undefined ? [] : [`received-status=${receivedStatus}`]),
  ].join('; ')

/** A string of RFC 9651 section 3.3.3: printable ASCII, with `"` and `\` escaped. */
const fieldString = (text: string): string =>
  `"${text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`
