import { createHash, timingSafeEqual } from 'node:crypto'
import type { ConsumerPolicy, CredentialHash, PolicySet } from '../policy/policy-set.ts'
import { invalidClient, TokenError } from './token-error.ts'

export type ClientCredentials = { readonly clientId: string; readonly clientSecret: string }

/**
 * Reads the client's credentials from the header or the form, not both.
 *
 * @param form parameters with a value, each given once
 * @throws TokenError
 * @see RFC 6749 section 2.3.1: client_secret_basic, client_secret_post
 */
export function readClientCredentials(
  authorization: string | undefined,
  form: ReadonlyMap<string, string>,
): ClientCredentials {
  const clientId = form.get('client_id')
  const clientSecret = form.get('client_secret')
  if (authorization === undefined) {
    if (clientId !== undefined && clientSecret !== undefined) return { clientId, clientSecret }
    throw invalidClient('the client credentials are missing')
  }
  if (clientSecret !== undefined) {
    throw new TokenError('invalid_request', 'send the secret once: in the header or in the form')
  }
  const basic = fromBasic(authorization)
  if (clientId !== undefined && clientId !== basic.clientId) {
    throw new TokenError('invalid_request', 'client_id differs between the header and the form')
  }
  return basic
}

/** RFC 7617, with both halves form-encoded before, so that a colon or a plus may stand in them. */
function fromBasic(authorization: string): ClientCredentials {
  const encoded = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization)?.[1]
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 1) throw invalidClient('the Authorization header is not Basic with id and secret')
  return {
    clientId: formDecode(text.slice(0, colon)),
    clientSecret: formDecode(text.slice(colon + 1)),
  }
}

function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw invalidClient('the id or the secret in the Authorization header is not form-encoded')
  }
}

/** Compared with when there is no such client, so that it takes as long as a wrong secret. */
const NOBODYS: readonly Pick<CredentialHash, 'hash' | 'expiresAt'>[] = [
  { hash: `sha256:${'0'.repeat(64)}`, expiresAt: 0 },
]

/**
 * Finds the consumer whose secret this is.
 *
 * @param now epoch ms
 * @throws TokenError `invalid_client`, the same for an unknown client and a wrong or expired secret
 */
export function authenticateClient(
  { clientId, clientSecret }: ClientCredentials,
  consumers: PolicySet['consumers'],
  now: number,
): ConsumerPolicy {
  const given = createHash('sha256').update(clientSecret).digest()
  const consumer = consumers.values().find(candidate => candidate.clientId === clientId)
  // Every hash is looked at: the time must not say which of them fits.
  const fitting = (consumer?.clientSecretHashes ?? NOBODYS).filter(({ hash, expiresAt }) => {
    const held = Buffer.from(hash.slice('sha256:'.length), 'hex')
    return timingSafeEqual(given, held) && (expiresAt ?? Number.POSITIVE_INFINITY) > now
  })
  if (!consumer || fitting.length === 0) {
    throw invalidClient('the client is not known, or its secret is wrong or expired')
  }
  return consumer
}
