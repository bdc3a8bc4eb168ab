import { Problem } from '../../kernel/problems.ts'
import { challenge } from './www-authenticate.ts'

/** The answers to credentials that do not say who calls. None of them repeats a credential. */
export type Refusals = {
  /** Nothing that could identify anybody was sent. */
  unauthenticated(detail?: string): Problem
  invalidToken(detail: string): Problem
  invalidApiKey(detail: string): Problem
  /** Credentials were sent in more than one way, so that two readers might see two callers. */
  ambiguous(header: 'authorization' | 'x-api-key', message: string): Problem
}

/** @param issuer our public address */
export function createRefusals(issuer: string): Refusals {
  const plain = { 'WWW-Authenticate': challenge(issuer) }
  return {
    unauthenticated: detail =>
      new Problem('unauthenticated', { ...(detail && { detail }), headers: plain }),
    invalidToken: detail =>
      new Problem('invalid-token', {
        detail,
        headers: {
          'WWW-Authenticate': challenge(issuer, { error: 'invalid_token', description: detail }),
        },
      }),
    // RFC 6750 knows no error for a key: its codes are about bearer tokens.
    invalidApiKey: detail => new Problem('invalid-api-key', { detail, headers: plain }),
    ambiguous: (header, message) =>
      new Problem('invalid-request', {
        detail: ONE_ONLY,
        errors: [{ pointer: `#/header/${header}`, code: 'ambiguous', message }],
        headers: {
          'WWW-Authenticate': challenge(issuer, {
            error: 'invalid_request',
            description: ONE_ONLY,
          }),
        },
      }),
  }
}

const ONE_ONLY = 'Send one credential: a bearer token or an API key, once.'
