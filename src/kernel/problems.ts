/** Whose fault a problem is: the metric label, and whose pager rings. */
export type ProblemOwner = 'client' | 'policy' | 'contract' | 'upstream' | 'platform'

export type ProblemKind = {
  readonly status: number
  readonly title: string
  readonly owner: ProblemOwner
  /** May the same call succeed later, unchanged? */
  readonly retry: 'never' | 'later'
  /** What the caller should do, in a sentence or two: the text of the problem's page. */
  readonly help: string
}

/**
 * Every problem that Postern answers with. Codes are published: they are never renamed, only added.
 *
 * @see RFC 9457, Problem Details for HTTP APIs
 */
export const problems = {
  'invalid-request': {
    status: 400,
    title: 'The request does not match the contract',
    owner: 'client',
    retry: 'never',
    help: 'Each entry of "errors" points to one part of the request and says what is expected there. Correct them all and send the request again.',
  },
  unauthenticated: {
    status: 401,
    title: 'Credentials are missing',
    owner: 'client',
    retry: 'never',
    help: 'Send a bearer token from POST /oauth/token in the Authorization header, or an API key in the X-API-Key header.',
  },
  'invalid-token': {
    status: 401,
    title: 'The access token is not valid',
    owner: 'client',
    retry: 'never',
    help: 'The token is malformed, expired, not yet valid, or was issued for somebody or something else. Get a new one from the token endpoint.',
  },
  'invalid-api-key': {
    status: 401,
    title: 'The API key is not valid',
    owner: 'client',
    retry: 'never',
    help: 'The key is mistyped, revoked or expired. Ask the owner of the API for a new one.',
  },
  'insufficient-scope': {
    status: 403,
    title: 'The credentials lack a scope',
    owner: 'policy',
    retry: 'never',
    help: 'The member "missingScopes" names what is missing. Request a token with it, or ask the owner of the API to grant it.',
  },
  'channel-not-allowed': {
    status: 403,
    title: 'This channel is not open to the caller',
    owner: 'policy',
    retry: 'never',
    help: 'The consumer may only act for the channels that its policy lists. Use one of them or ask the owner of the API.',
  },
  'region-not-allowed': {
    status: 403,
    title: 'This region is not open to the caller',
    owner: 'policy',
    retry: 'never',
    help: 'The consumer may only ask for locations in the regions that its policy lists. Use one of them or ask the owner of the API.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing at this address',
    owner: 'client',
    retry: 'never',
    help: 'Compare the path with the published contract under /docs.',
  },
  'unknown-sku': {
    status: 404,
    title: 'No ERP knows this SKU',
    owner: 'client',
    retry: 'never',
    help: 'Check the SKU, leading zeros and case included: they are significant.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The resource does not support this method',
    owner: 'client',
    retry: 'never',
    help: 'The Allow header lists the methods that the contract defines for this path.',
  },
  'not-acceptable': {
    status: 406,
    title: 'The answer cannot be given in an accepted form',
    owner: 'client',
    retry: 'never',
    help: 'Send an Accept header that includes application/json, or none.',
  },
  'request-timeout': {
    status: 408,
    title: 'The request did not arrive in time',
    owner: 'client',
    retry: 'later',
    help: 'Send the request again, whole and without long pauses.',
  },
  'stock-short': {
    status: 409,
    title: 'There is not enough stock',
    owner: 'client',
    retry: 'never',
    help: 'The member "lines" names each line that cannot be filled, with what is left of it and where else there is some. Ask for less, or elsewhere.',
  },
  'reservation-ended': {
    status: 409,
    title: 'The reservation does not hold any more',
    owner: 'client',
    retry: 'never',
    help: 'It has expired, or was released. Reserve again.',
  },
  'reservation-committed': {
    status: 409,
    title: 'The reservation belongs to an order',
    owner: 'client',
    retry: 'never',
    help: 'Its stock is given back by cancelling the order.',
  },
  'idempotency-key-missing': {
    status: 400,
    title: 'The call needs an Idempotency-Key',
    owner: 'client',
    retry: 'never',
    help: 'Send a header Idempotency-Key with a value of your own, a UUID for instance, that is new for each new thing to do and the same when you ask again.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used for something else',
    owner: 'client',
    retry: 'never',
    help: 'The same key came with another request. Use a new key for a new request.',
  },
  'idempotency-key-in-use': {
    status: 409,
    title: 'The same request is still being carried out',
    owner: 'client',
    retry: 'later',
    help: 'Ask again with the same key when Retry-After has passed: the answer to the first request is then given.',
  },
  'order-changed': {
    status: 409,
    title: 'The channel has placed another order under this number',
    owner: 'client',
    retry: 'never',
    help: 'An order is named by its channel for ever. Use a number of its own for another order.',
  },
  'price-changed': {
    status: 409,
    title: 'The quote is not valid, or not for this order',
    owner: 'client',
    retry: 'never',
    help: 'Ask for a new quote, show its prices to the customer, and place the order with it.',
  },
  'order-not-cancellable': {
    status: 409,
    title: 'The order has gone too far to be cancelled',
    owner: 'client',
    retry: 'never',
    help: 'What has been shipped comes back as a return.',
  },
  'version-retired': {
    status: 410,
    title: 'This version of the API has been retired',
    owner: 'policy',
    retry: 'never',
    help: 'Move to the successor version that the Link header names.',
  },
  'payload-too-large': {
    status: 413,
    title: 'The request body is too large',
    owner: 'client',
    retry: 'never',
    help: 'The member "maxBytes" gives the limit. Split the request.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The request body is of a type that the operation does not take',
    owner: 'client',
    retry: 'never',
    help: 'Send the body as the media type that the Accept-Post header names, uncompressed.',
  },
  'currency-not-available': {
    status: 422,
    title: 'The channel has no prices in this currency',
    owner: 'client',
    retry: 'never',
    help: 'Leave the currency out to get the channel\'s own, or use one that the member "currencies" lists.',
  },
  'unknown-channel': {
    status: 422,
    title: 'There is no such channel',
    owner: 'client',
    retry: 'never',
    help: 'Use one of the channels that your consumer policy lists.',
  },
  'unknown-location': {
    status: 422,
    title: 'There is no such location',
    owner: 'client',
    retry: 'never',
    help: 'The member "locations" lists the ids that are not known. Correct or remove them.',
  },
  'price-not-available': {
    status: 422,
    title: 'Some lines have no price',
    owner: 'client',
    retry: 'never',
    help: 'The entries of "errors" point to the lines for which there is no price in this channel and currency.',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests in a short time',
    owner: 'policy',
    retry: 'later',
    help: 'Wait as long as Retry-After says. The RateLimit header shows what is left of the allowance on every answer.',
  },
  'quota-exceeded': {
    status: 429,
    title: 'The quota for this period is used up',
    owner: 'policy',
    retry: 'later',
    help: 'The quota starts afresh when Retry-After has passed. Ask the owner of the API about a larger plan.',
  },
  'outside-hours': {
    status: 429,
    title: 'The plan may not be used at this time',
    owner: 'policy',
    retry: 'later',
    help: 'The plan has hours; they begin again when Retry-After has passed. Ask the owner of the API about a plan without.',
  },
  'concurrency-exceeded': {
    status: 429,
    title: 'Too many requests at the same time',
    owner: 'policy',
    retry: 'later',
    help: 'Wait for answers before sending more; keep fewer requests in flight.',
  },
  'header-fields-too-large': {
    status: 431,
    title: 'The request header fields are too large',
    owner: 'client',
    retry: 'never',
    help: 'Send fewer or shorter header fields.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on our side',
    owner: 'platform',
    retry: 'later',
    help: 'Tell the operators the correlation id: it leads them to the cause.',
  },
  'response-invalid': {
    status: 500,
    title: 'The answer does not match the contract',
    owner: 'contract',
    retry: 'later',
    help: 'The gateway would have sent an answer that its own contract forbids, and refused to. Tell the operators the correlation id.',
  },
  'not-supported-by-erp': {
    status: 501,
    title: 'The ERP behind this operation cannot do it',
    owner: 'upstream',
    retry: 'never',
    help: 'The connection that serves this location does not offer the capability that the operation needs.',
  },
  'version-brown-out': {
    status: 503,
    title: 'This version of the API is switched off for a while',
    owner: 'policy',
    retry: 'later',
    help: 'A reminder that the version will go at its sunset. It answers again when Retry-After has passed; move to the successor version until then.',
  },
  'erp-garbled': {
    status: 502,
    title: 'The ERP gave an answer that could not be understood',
    owner: 'upstream',
    retry: 'later',
    help: 'Try again later. The operators see the cause under the correlation id.',
  },
  'erp-rejected': {
    status: 502,
    title: 'The ERP refused the call',
    owner: 'upstream',
    retry: 'never',
    help: 'The ERP understood the call and refused it. The operators see its reason under the correlation id.',
  },
  'erp-connection-lost': {
    status: 502,
    title: 'The connection to the ERP was cut',
    owner: 'upstream',
    retry: 'later',
    help: 'The call was sent, but its answer did not arrive. Try again when Retry-After has passed.',
  },
  'erp-unreachable': {
    status: 503,
    title: 'The ERP cannot be reached',
    owner: 'upstream',
    retry: 'later',
    help: 'Try again when Retry-After has passed.',
  },
  'erp-busy': {
    status: 503,
    title: 'The ERP cannot take more calls now',
    owner: 'upstream',
    retry: 'later',
    help: 'Try again when Retry-After has passed.',
  },
  'issuer-unreachable': {
    status: 503,
    title: "The token's issuer cannot be reached",
    owner: 'platform',
    retry: 'later',
    help: 'The keys of the issuer that signed the token cannot be fetched at the moment. Try again when Retry-After has passed.',
  },
  'storage-unreachable': {
    status: 503,
    title: "The gateway's storage cannot be reached",
    owner: 'platform',
    retry: 'later',
    help: 'What you sent may have been carried out, or not. Send it again with the same Idempotency-Key when Retry-After has passed: it is carried out once.',
  },
  'temporary-reduced-capacity': {
    status: 503,
    title: 'The gateway is shedding load',
    owner: 'platform',
    retry: 'later',
    help: 'Calls of this class of work are refused for the moment. Try again when Retry-After has passed.',
  },
  'erp-timeout': {
    status: 504,
    title: 'The ERP did not answer in time',
    owner: 'upstream',
    retry: 'later',
    help: 'Try again later.',
  },
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof problems

export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problems, code)

/** One part of a request that is wrong. `pointer` is a JSON Pointer (RFC 6901) into the request. */
export type ProblemError = {
  /** `#/body/lines/0/sku`, `#/query/sku/0`, `#/path/sku`, `#/header/accept`. */
  readonly pointer: string
  readonly code: string
  readonly message: string
}

export type ProblemOptions = {
  /** May be shown to the caller. */
  readonly detail?: string
  /** Extension members of the body; may be shown to the caller. */
  readonly extensions?: Readonly<Record<string, unknown>>
  readonly errors?: readonly ProblemError[]
  /** Header fields the answer must carry: `WWW-Authenticate`, `Allow`, `Proxy-Status`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Seconds; becomes the Retry-After header and the member `retryAfter`. */
  readonly retryAfterSeconds?: number
  /** Never leaves the log. */
  readonly cause?: unknown
}

/** An answer that is not the one hoped for. Thrown to leave the pipeline; `asProblem` renders it. */
export class Problem extends Error {
  override name = 'Problem'
  readonly code: ProblemCode
  readonly options: ProblemOptions

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(options.detail ?? problems[code].title, { cause: options.cause })
    this.code = code
    this.options = options
  }

  get kind(): ProblemKind {
    return problems[this.code]
  }
}
