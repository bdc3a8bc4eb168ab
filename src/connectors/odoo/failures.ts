import type {
  ProxyError,
  UpstreamFailure,
  UpstreamFailureKind,
} from '../../kernel/upstream-failure.ts'
import { failure, garbled, retryAfterOf } from '../failures.ts'
import type { HttpAnswer } from '../http-transport.ts'
import type { Attempt } from '../network-failure.ts'

type Meaning = readonly [UpstreamFailureKind, ProxyError]

/** Statuses of `/json/2`, of Odoo's server, or of a proxy before it. */
const STATUSES: Readonly<Record<number, Meaning>> = {
  401: ['session', 'http_request_denied'],
  403: ['rejected', 'http_request_denied'],
  // No such model or method.
  404: ['rejected', 'http_request_denied'],
  // UserError, ValidationError, bad argument.
  422: ['rejected', 'http_request_denied'],
  429: ['busy', 'http_request_denied'],
  502: ['busy', 'http_request_denied'],
  503: ['busy', 'http_request_denied'],
  504: ['unknown', 'http_response_timeout'],
}

/** PostgreSQL's words for "come again", after Odoo's own five attempts: nothing was written. */
const CONTENTION = /could not (serialize access|obtain lock)|deadlock detected/
const CONTENTION_NAME =
  /^psycopg2\.(errors|extensions)\.(SerializationFailure|TransactionRollbackError|DeadlockDetected|LockNotAvailable)$/

/** What an exception of Odoo means, by its name; nothing where the name alone does not say. */
function meaningOf(name: string, message: string): Meaning | undefined {
  switch (name) {
    case 'odoo.exceptions.AccessDenied':
    case 'odoo.http.SessionExpiredException':
      return ['session', 'http_request_denied']
    case 'odoo.exceptions.UserError':
    case 'odoo.exceptions.ValidationError':
    case 'odoo.exceptions.AccessError':
    case 'odoo.exceptions.MissingError':
      return ['rejected', 'http_request_denied']
  }
  if (CONTENTION_NAME.test(name) || (name.startsWith('psycopg2.') && CONTENTION.test(message))) {
    return ['busy', 'http_request_denied']
  }
  if (/^psycopg2\.(OperationalError|InterfaceError)$/.test(name)) {
    return ['busy', 'destination_unavailable']
  }
  return undefined
}

/** The `error` of a JSON-RPC answer, which comes with status 200 whatever happened. */
export function rpcFailure(error: unknown, attempt: Attempt): UpstreamFailure {
  if (memberOf(error, 'code') === '100') {
    return failure('session', 'the session expired', attempt, { proxyError: 'http_request_denied' })
  }
  const data = memberOf(error, 'data')
  const name = memberOf(data, 'name')
  if (typeof name !== 'string') return garbled('an error of an unknown form', attempt)
  // Of the whole error only these two: `debug` and `arguments` repeat what was sent.
  return exceptionFailure(name, String(memberOf(data, 'message')), attempt)
}

function exceptionFailure(name: string, message: string, attempt: Attempt): UpstreamFailure {
  const meaning = meaningOf(name, message)
  // An exception within Odoo, such as for a field that this version does not have.
  if (!meaning) return garbled(`exception ${name}`, attempt)
  const [kind, proxyError] = meaning
  return failure(kind, `${name}: ${firstLine(message)}`, attempt, {
    proxyError,
    ...(kind === 'rejected' && { erpCode: name }),
  })
}

/** A status other than 200. @param body what its JSON says, where it is JSON */
export function statusFailure(
  { status, headers }: HttpAnswer,
  body: unknown,
  attempt: Attempt,
): UpstreamFailure {
  const name = memberOf(body, 'name')
  const message = String(memberOf(body, 'message') ?? '')
  const told = typeof name === 'string' ? meaningOf(name, message) : undefined
  const [kind, proxyError] =
    STATUSES[status] ??
    told ??
    (status >= 500
      ? (['unknown', 'destination_unavailable'] as const)
      : (['garbled', 'http_protocol_error'] as const))
  const said = typeof name === 'string' ? `${name}: ${firstLine(message)}` : ''
  return failure(kind, `HTTP ${status} ${said}`.trimEnd(), attempt, {
    proxyError,
    receivedStatus: status,
    ...retryAfterOf(headers['retry-after']),
    ...(kind === 'rejected' && typeof name === 'string' && { erpCode: name }),
  })
}

export const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? text
