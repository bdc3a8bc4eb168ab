import Type from 'typebox'
import { Compile } from 'typebox/compile'
import type {
  ProxyError,
  UpstreamFailure,
  UpstreamFailureKind,
} from '../../kernel/upstream-failure.ts'
import { failure, garbled, retryAfterOf } from '../failures.ts'
import type { HttpAnswer } from '../http-transport.ts'
import type { Attempt } from '../network-failure.ts'

const Detail = Type.Object({ code: Type.String(), severity: Type.Optional(Type.String()) })
const GatewayError = Compile(
  Type.Object({
    error: Type.Object({
      code: Type.String(),
      message: Type.Union([Type.String(), Type.Object({ value: Type.String() })]),
      innererror: Type.Optional(
        Type.Object({
          transactionid: Type.Optional(Type.String()),
          errordetails: Type.Optional(Type.Array(Detail)),
        }),
      ),
    }),
  }),
)
const SapMessage = Compile(Detail)

/** Statuses of the gateway, its web dispatcher, or a proxy before them. */
const STATUSES: Readonly<Record<number, [UpstreamFailureKind, ProxyError]>> = {
  401: ['session', 'http_request_denied'],
  429: ['busy', 'http_request_denied'],
  502: ['busy', 'http_request_denied'],
  503: ['busy', 'http_request_denied'],
  504: ['unknown', 'http_response_timeout'],
}

/** Message class and number of "the object is locked by user …": comes free by itself. */
const LOCKED: ReadonlySet<string> = new Set(['MC/601'])

/** Severities that say no; `warning`, `info` and `success` only accompany one. */
const SEVERE: ReadonlySet<string> = new Set(['error', 'abort'])

/** An answer other than 2xx: by the error that it tells, else by its status; HTML is not read. */
export function statusFailure(answer: HttpAnswer, attempt: Attempt): UpstreamFailure {
  const { status, headers, text } = answer
  const details = { receivedStatus: status, ...retryAfterOf(headers['retry-after']) }
  const what = `HTTP ${status}`
  // The token is checked before anything is done, so that the request may be sent again.
  if (status === 403 && String(headers['x-csrf-token']).toLowerCase() === 'required') {
    const proxyError = 'http_request_denied'
    return failure('session', 'the CSRF token is over', attempt, { ...details, proxyError })
  }
  const known = STATUSES[status]
  if (known) return failure(known[0], what, attempt, { ...details, proxyError: known[1] })
  if (status >= 500) {
    const proxyError = 'destination_unavailable'
    return failure('unknown', what + transactionOf(text), attempt, { ...details, proxyError })
  }
  const told = status >= 400 ? toldFailure(parsed(text), attempt, status) : undefined
  if (told) return told
  // No right, or a service that is not activated: both are told as pages of HTML, too.
  if (status === 403 || status === 404) {
    const proxyError = 'http_request_denied'
    return failure('rejected', what, attempt, { ...details, proxyError })
  }
  return failure('garbled', what, attempt, { ...details, proxyError: 'http_protocol_error' })
}

/**
 * The error in a body, decided by the codes of its severe details, never by its words.
 *
 * @returns undefined when there is none in it
 */
export function toldFailure(
  body: unknown,
  attempt: Attempt,
  receivedStatus: number,
): UpstreamFailure | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined
  if (!GatewayError.Check(body)) return garbled('an error of an unknown form', attempt)
  const { code, message, innererror } = body.error
  const severe = innererror?.errordetails?.filter(({ severity }) => SEVERE.has(severity ?? 'error'))
  const codes = severe?.length ? severe.map(detail => detail.code) : [code]
  const erpCode = codes[0] ?? code
  const transaction = innererror?.transactionid ? ` (transaction ${innererror.transactionid})` : ''
  const said = typeof message === 'string' ? message : message.value
  const details = { proxyError: 'http_request_denied', receivedStatus } as const
  return codes.some(each => LOCKED.has(each))
    ? failure('busy', `${erpCode}: ${said}${transaction}`, attempt, details)
    : failure('rejected', `${erpCode}: ${said}${transaction}`, attempt, { ...details, erpCode })
}

/**
 * What a successful answer says beside its body: the gateway sends messages of severity `error` there too.
 *
 * @see SAP Gateway Foundation developer guide, "sap-message" header
 */
export function messageFailure(
  { headers, status }: HttpAnswer,
  attempt: Attempt,
): UpstreamFailure | undefined {
  const message = parsed(String(headers['sap-message'] ?? ''))
  if (!SapMessage.Check(message) || !SEVERE.has(message.severity ?? '')) return undefined
  return failure('rejected', message.code, attempt, {
    proxyError: 'http_request_denied',
    receivedStatus: status,
    erpCode: message.code,
  })
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function transactionOf(text: string): string {
  const body = parsed(text)
  const id = GatewayError.Check(body) ? body.error.innererror?.transactionid : undefined
  return id ? ` (transaction ${id})` : ''
}
