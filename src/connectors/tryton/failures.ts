import {
  type ProxyError,
  UpstreamFailure,
  type UpstreamFailureDetails,
  type UpstreamFailureKind,
} from '../../kernel/upstream-failure.ts'
import type { Attempt } from '../network-failure.ts'

/** Statuses that Tryton, gunicorn or a proxy before them answer with. */
const STATUSES: Readonly<Record<number, [UpstreamFailureKind, ProxyError]>> = {
  401: ['session', 'http_request_denied'],
  // The method is not exposed.
  403: ['rejected', 'http_request_denied'],
  // No such database, or PostgreSQL cannot be reached (dispatcher.py, login): nothing was done.
  404: ['unreachable', 'destination_not_found'],
  // Too many failed logins.
  429: ['busy', 'http_request_denied'],
  502: ['busy', 'http_request_denied'],
  503: ['busy', 'http_request_denied'],
  504: ['unknown', 'http_response_timeout'],
}

/** A status other than 200: the request did not get as far as Tryton's own error form. */
export function statusFailure(
  status: number,
  retryAfter: string | undefined,
  attempt: Attempt,
): UpstreamFailure {
  const [kind, proxyError] =
    STATUSES[status] ??
    (status >= 500
      ? (['unknown', 'destination_unavailable'] as const)
      : (['garbled', 'http_protocol_error'] as const))
  return failure(kind, `HTTP ${status}`, attempt, {
    proxyError,
    receivedStatus: status,
    ...(/^\d{1,6}$/.test(retryAfter ?? '') && { retryAfterSeconds: Number(retryAfter) }),
  })
}

/** PostgreSQL's words for "come again": the transaction was rolled back. */
const CONTENTION =
  /^(could not (obtain lock|serialize access)|deadlock detected|canceling statement)/
/** Tryton answers, but its database does not. */
const DATABASE_DOWN =
  /(could not connect to server|connection to server|server closed the connection|terminating connection|the database system is|connection already closed|too many (clients|connections)|connection pool exhausted)/

/**
 * The error within an answer of status 200: `[name or message, details]`.
 *
 * @see trytond/protocols/dispatcher.py and jsonrpc.py: with `id`, `method` and `params` as the only keys
 *   of the request, every failure after dispatch is sent in this form
 */
export function rpcFailure(error: unknown, attempt: Attempt): UpstreamFailure {
  if (!Array.isArray(error) || typeof error[0] !== 'string') {
    return garbled('an error of an unknown form', attempt)
  }
  const [name, details] = error
  const said = `${name}: ${Array.isArray(details) ? details[0] : ''}`
  switch (name) {
    // Broken rule, missing right, wrong id; a question to a person; somebody else was faster.
    case 'UserError':
    case 'UserWarning':
    case 'ConcurrencyException':
    case 'LoginException':
      return failure('rejected', said, attempt, {
        proxyError: 'http_request_denied',
        erpCode: name === 'UserWarning' && Array.isArray(details) ? String(details[0]) : name,
      })
  }
  if (CONTENTION.test(name)) {
    return failure('busy', firstLine(name), attempt, { proxyError: 'http_request_denied' })
  }
  if (DATABASE_DOWN.test(name)) {
    return failure('busy', firstLine(name), attempt, { proxyError: 'destination_unavailable' })
  }
  // An exception within Tryton, such as for a field that this version does not have.
  return garbled(`exception ${JSON.stringify(name)}`, attempt)
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? text

/** How `AbortSignal.timeout` says that time is up; any other reason means that the caller left. */
export const isDeadline = (reason: unknown): boolean =>
  reason instanceof DOMException && reason.name === 'TimeoutError'

export const deadlineFailure = (
  kind: UpstreamFailureKind,
  proxyError: ProxyError,
  attempt: Attempt,
): UpstreamFailure => failure(kind, 'the deadline passed', attempt, { proxyError })

/** The policies name something that this Tryton does not have: not to be mended by trying again. */
export const misconfigured = (what: string, attempt: Attempt): UpstreamFailure =>
  failure('rejected', what, attempt, { proxyError: 'proxy_internal_error' })

export const isClosing = (attempt: Attempt): UpstreamFailure =>
  failure('unreachable', 'the connection is closing', attempt, {
    proxyError: 'destination_unavailable',
  })

/** A login that Tryton does not accept: no repeating helps, and each try makes it slower to answer. */
export const loginRefused = (attempt: Attempt): UpstreamFailure =>
  failure('rejected', 'the login was refused', attempt, {
    proxyError: 'http_request_denied',
    receivedStatus: 401,
    erpCode: 'LoginRefused',
  })

/** Sessions that end as soon as they are made: logging in once more would not help. */
export const sessionsEndAtOnce = (attempt: Attempt): UpstreamFailure =>
  failure('session', 'sessions end as soon as they are made', attempt, {
    proxyError: 'http_request_denied',
    receivedStatus: 401,
  })

export const garbled = (what: string, attempt: Attempt): UpstreamFailure =>
  failure('garbled', what, attempt, { proxyError: 'http_protocol_error' })

function failure(
  kind: UpstreamFailureKind,
  what: string,
  { connection, call }: Attempt,
  details: Omit<UpstreamFailureDetails, keyof Attempt>,
): UpstreamFailure {
  const message = `${connection}: ${call}: ${what}`
  return new UpstreamFailure(kind, message, { connection, call, ...details })
}
