import {
  type ProxyError,
  UpstreamFailure,
  type UpstreamFailureDetails,
  type UpstreamFailureKind,
} from '../kernel/upstream-failure.ts'

/** Which connection and port call a failure belongs to. */
export type Attempt = Pick<UpstreamFailureDetails, 'connection' | 'call'>

/** Node's, OpenSSL's and axios's codes. What is not here was cut after the request had left. */
const MEANINGS: readonly [RegExp, UpstreamFailureKind, ProxyError][] = [
  [/^ECONNREFUSED$/, 'unreachable', 'connection_refused'],
  [/^(ENOTFOUND|EAI_NONAME|EAI_NODATA)$/, 'unreachable', 'dns_error'],
  [/^EAI_/, 'unreachable', 'dns_timeout'],
  [/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/, 'unreachable', 'destination_not_found'],
  [/^ETIMEDOUT$/, 'unreachable', 'connection_timeout'],
  [/CERT|SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)/, 'unreachable', 'tls_certificate_error'],
  [/^(EPROTO$|ERR_SSL|ERR_TLS)/, 'unreachable', 'tls_protocol_error'],
  [/^HPE_/, 'garbled', 'http_protocol_error'],
  [/^ERR_BAD_RESPONSE$/, 'garbled', 'http_response_incomplete'],
] // biome-ignore format: a table

/**
 * What an exchange that broke on the way to the ERP or back means for the caller.
 *
 * @param error what the HTTP client threw
 * @see RFC 9209 section 2.3 for the error types
 */
export function networkFailure(error: unknown, { connection, call }: Attempt): UpstreamFailure {
  const { code, syscall } = originOf(error)
  const meaning = WHILE_READING.test(`${syscall} ${code}`)
    ? undefined
    : MEANINGS.find(([pattern]) => pattern.test(code))
  const [, kind, proxyError] = meaning ?? [code, 'unknown', 'connection_terminated']
  const said = code || (error instanceof Error ? error.message : String(error))
  const message = `${connection}: ${call}: ${said}`
  const cause = innermost(error)
  return new UpstreamFailure(kind, message, { connection, call, proxyError }, { cause })
}

/** An AxiosError holds the request, credentials and all, and must not get into a log. */
const innermost = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'config' in error
    ? 'cause' in error
      ? error.cause
      : undefined
    : error

/** TCP gave up on a peer that had taken the request: not the same as one that was never reached. */
const WHILE_READING = /^(read|write) ETIMEDOUT$/

/** The innermost code: several addresses tried give an AggregateError without one of its own. */
function originOf(error: unknown): { code: string; syscall: string } {
  if (typeof error !== 'object' || error === null) return { code: '', syscall: '' }
  const cause = 'cause' in error ? error.cause : undefined
  if ('code' in error && typeof error.code === 'string' && error.code !== 'ERR_NETWORK') {
    const own = 'syscall' in error ? error.syscall : undefined
    const syscall = own ?? (cause ? originOf(cause).syscall : '')
    return { code: error.code, syscall: String(syscall) }
  }
  return originOf(error instanceof AggregateError && error.errors.length ? error.errors[0] : cause)
}
