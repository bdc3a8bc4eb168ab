/**
 * The `WWW-Authenticate` value of a refusal. Without credentials there is no `error`.
 *
 * @see RFC 6750 section 3, RFC 9728 section 5.1
 */
export function challenge(options: {
  error?: 'invalid_token' | 'insufficient_scope' | 'invalid_request'
  description?: string
  scope?: string
}): string {
  const parameters = [
    'realm="postern"',
    options.error && `error="${options.error}"`,
    options.description && `error_description="${options.description.replaceAll(/["\\]/g, "'")}"`,
    options.scope && `scope="${options.scope}"`,
    'resource_metadata="/.well-known/oauth-protected-resource"',
  ]
  return `Bearer ${parameters.filter(Boolean).join(', ')}`
}
