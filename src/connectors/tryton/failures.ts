import type {
  ProxyError,
  UpstreamFailure,
  UpstreamFailureKind,
} from '../../kernel/upstream-failure.ts'
import { failure, garbled, retryAfterOf } from '../failures.ts'
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
  retryAfter: unknown,
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
    ...retryAfterOf(retryAfter),
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
