/**
 * The six ways in which a call to an ERP fails, each saying what the caller may do.
 *
 * - `unreachable` nothing was sent: try again
 * - `busy`        the ERP (or our own budget for it) asks us to come later
 * - `session`     the session is over: log in once more, then try again
 * - `rejected`    a business no: never again with the same content
 * - `garbled`     the answer breaks the agreed form
 * - `unknown`     sent, not confirmed: look it up by our reference, never resend
 */
export type UpstreamFailureKind =
  | 'unreachable'
  | 'busy'
  | 'session'
  | 'rejected'
  | 'garbled'
  | 'unknown'

/** Error types of RFC 9209 section 2.3 that a connector can tell apart. */
export type ProxyError =
  | 'dns_timeout'
  | 'dns_error'
  | 'destination_not_found'
  | 'destination_unavailable'
  | 'connection_refused'
  | 'connection_terminated'
  | 'connection_timeout'
  | 'connection_read_timeout'
  | 'connection_limit_reached'
  | 'tls_certificate_error'
  | 'tls_protocol_error'
  | 'http_response_incomplete'
  | 'http_response_timeout'
  | 'http_protocol_error'
  | 'http_request_denied'
  | 'proxy_internal_error'

export type UpstreamFailureDetails = {
  /** The connection's name in the policies, never its address. */
  readonly connection: string
  /** The port's call, `inventory.readStock`. */
  readonly call: string
  readonly proxyError: ProxyError
  /** The ERP's own HTTP status, where there was one. */
  readonly receivedStatus?: number
  /** How long the ERP asked us to stay away, in seconds. */
  readonly retryAfterSeconds?: number
  /** The ERP's own business code (`rejected` only), safe for an operator, not for a caller. */
  readonly erpCode?: string
}

/** The only error that leaves a connector. The message is for operators; callers never see it. */
export class UpstreamFailure extends Error {
  override name = 'UpstreamFailure'
  readonly kind: UpstreamFailureKind
  readonly details: UpstreamFailureDetails

  constructor(
    kind: UpstreamFailureKind,
    message: string,
    details: UpstreamFailureDetails,
    options?: { cause?: unknown },
  ) {
    super(message, options)
    this.kind = kind
    this.details = details
  }
}
