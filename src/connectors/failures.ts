import {
  type ProxyError,
  UpstreamFailure,
  type UpstreamFailureDetails,
  type UpstreamFailureKind,
} from '../kernel/upstream-failure.ts'
import type { Attempt } from './network-failure.ts'

/** How `AbortSignal.timeout` says that time is up; any other reason means that the caller left. */
export const isDeadline = (reason: unknown): boolean =>
  reason instanceof DOMException && reason.name === 'TimeoutError'

export const deadlineFailure = (
  kind: UpstreamFailureKind,
  proxyError: ProxyError,
  attempt: Attempt,
): UpstreamFailure => failure(kind, 'the deadline passed', attempt, { proxyError })

/** The policies name something that this ERP does not have: not to be mended by trying again. */
export const misconfigured = (what: string, attempt: Attempt): UpstreamFailure =>
  failure('rejected', what, attempt, { proxyError: 'proxy_internal_error' })

export const isClosing = (attempt: Attempt): UpstreamFailure =>
  failure('unreachable', 'the connection is closing', attempt, {
    proxyError: 'destination_unavailable',
  })

/** Credentials that the ERP does not accept: no repeating helps, and many an ERP locks the user for it. */
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

/** `Retry-After` in seconds; a date, or more than eleven days, is not heeded. */
export const retryAfterOf = (value: unknown): { readonly retryAfterSeconds?: number } =>
  typeof value === 'string' && /^\d{1,6}$/.test(value) ? { retryAfterSeconds: Number(value) } : {}

export function failure(
  kind: UpstreamFailureKind,
  what: string,
  { connection, call }: Attempt,
  details: Omit<UpstreamFailureDetails, keyof Attempt>,
): UpstreamFailure {
  const message = `${connection}: ${call}: ${what}`
  return new UpstreamFailure(kind, message, { connection, call, ...details })
}
