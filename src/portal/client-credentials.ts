import { createHash, timingSafeEqual } from 'node:crypto'
import type { ConsumerPolicy, PolicySet } from '../policy/policy-set.ts'

export type ClientCredentials = {
  readonly clientId: string
  readonly clientSecret: string
  readonly method: 'client_secret_basic' | 'client_secret_post'
}

/** How a token request goes wrong; RFC 6749 section 5.2. */
export type TokenErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'

export class TokenError extends Error {
  override name = 'TokenError'
  readonly code: TokenErrorCode

  constructor(code: TokenErrorCode, description: string) {
    super(description)
    this.code = code
  }
}

/**
 * Reads the client's credentials from the header or the form, not both.
 *
 * @throws TokenError
 * @see RFC 6749 section 2.3.1: both halves of Basic are form-encoded
 */
export function readClientCredentials(
  authorization: string | undefined,
  form: Readonly<Record<string, string>>,
): ClientCredentials {
  const inForm = form.client_secret !== undefined
  if (authorization !== undefined) {
    if (inForm)
      throw new TokenError(
        'invalid_request',
        'send the client secret once, in the header or the form',
      )
    const encoded = /^basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1]
    const text = encoded && Buffer.from(encoded, 'base64').toString('utf8')
    const colon = text ? text.indexOf(':') : -1
    if (!text || colon < 0)
      throw new TokenError('invalid_client', 'the Authorization header is not Basic')
    const clientId = formDecode(text.slice(0, colon))
    if (form.client_id !== undefined && form.client_id !== clientId) {
      throw new TokenError('invalid_request', 'client_id differs between the header and the form')
    }
    return {
      clientId,
      clientSecret: formDecode(text.slice(colon + 1)),
      method: 'client_secret_basic',
    }
  }
  if (form.client_id === undefined || form.client_secret === undefined) {
    throw new TokenError('invalid_client', 'client credentials are missing')
  }
  return {
    clientId: form.client_id,
    clientSecret: form.client_secret,
    method: 'client_secret_post',
  }
}

function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new TokenError('invalid_client', 'the Authorization header is not form-encoded')
  }
}

/**
 * Finds the consumer whose secret this is. An unknown client takes as long as a wrong secret.
 *
 * @throws TokenError `invalid_client`
 */
export function authenticateClient(
  { clientId, clientSecret }: ClientCredentials,
  policies: PolicySet,
  now: number,
): ConsumerPolicy {
  const given = createHash('sha256').update(clientSecret).digest()
  const consumer = [...policies.consumers.values()].find(c => c.clientId === clientId)
  const hashes = consumer?.clientSecretHashes ?? []
  let fits = false
  for (const { hash, expiresAt } of hashes) {
    const held = Buffer.from(hash.slice('sha256:'.length), 'hex')
    if (timingSafeEqual(given, held) && (expiresAt ?? Number.POSITIVE_INFINITY) > now) fits = true
  }
  if (!consumer || !fits)
    throw new TokenError('invalid_client', 'the client is not known or its secret is wrong')
  return consumer
}

/** The scopes that the token gets: those asked for, or all that the consumer has. */
export function grantedScopes(requested: string | undefined, consumer: ConsumerPolicy): string[] {
  if (requested === undefined || requested === '') return [...consumer.scopes]
  const asked = [...new Set(requested.split(' ').filter(Boolean))]
  const lacking = asked.filter(scope => !consumer.scopes.has(scope))
  if (lacking.length)
    throw new TokenError('invalid_scope', 'the client may not have every scope it asks for')
  return asked
}
