/** How a token request goes wrong; RFC 6749 section 5.2, and its section 4.1.2.1 for the last two. */
export type TokenErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'temporarily_unavailable'
  | 'server_error'

/** A token request that gets no token. The message is for the client: ASCII without quotes and backslashes. */
export class TokenError extends Error {
  override name = 'TokenError'
  readonly code: TokenErrorCode
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  /** @param status 400 unless something else fits better */
  constructor(
    code: TokenErrorCode,
    description: string,
    options: { status?: number; headers?: Readonly<Record<string, string>>; cause?: unknown } = {},
  ) {
    super(description, { cause: options.cause })
    this.code = code
    this.status = options.status ?? 400
    this.headers = options.headers ?? {}
  }
}

/** RFC 6749 section 5.2: 401, and the scheme that the client may use. */
export const invalidClient = (description: string): TokenError =>
  new TokenError('invalid_client', description, {
    status: 401,
    headers: { 'WWW-Authenticate': 'Basic realm="postern", charset="UTF-8"' },
  })
