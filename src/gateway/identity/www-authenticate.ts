export type Challenge = {
  readonly error?: 'invalid_token' | 'insufficient_scope' | 'invalid_request'
  readonly description?: string
  readonly scope?: string
}

/**
 * Makes the `WWW-Authenticate` value of a refusal. Without credentials there is no `error`.
 *
 * @param issuer our public address: the resource's metadata stand under it
 * @see RFC 6750 section 3, RFC 9728 section 5.1
 */
export function challenge(issuer: string, { error, description, scope }: Challenge = {}): string {
  const parameters = [
    'realm="postern"',
    error && `error="${error}"`,
    description && `error_description="${description.replaceAll(UNQUOTABLE, "'")}"`,
    scope && `scope="${scope}"`,
    `resource_metadata="${issuer}/.well-known/oauth-protected-resource"`,
  ]
  return `Bearer ${parameters.filter(Boolean).join(', ')}`
}

/** What RFC 6750 section 3 keeps out of `error_description`. */
const UNQUOTABLE = /[^\x20-\x21\x23-\x5b\x5d-\x7e]/g
