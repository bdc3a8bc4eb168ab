import express, { type ErrorRequestHandler, type Request, type Response, Router } from 'express'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { ConsumerPolicy, PolicySet } from '../policy/policy-set.ts'
import type { SigningKeys } from '../ports/signing-keys.ts'
import { authenticateClient, readClientCredentials } from './client-credentials.ts'
import { createFailedAttempts } from './failed-attempts.ts'
import { grantedScopes } from './granted-scopes.ts'
import { issueToken } from './issue-token.ts'
import { TokenError } from './token-error.ts'

export type TokenEndpointDeps = {
  /** Asked at each call: a client that the policies dropped gets no further token. */
  policies(): PolicySet
  readonly keys: SigningKeys
  readonly clock: Clock
  readonly logger: Logger
}

const PATH = '/oauth/token'
const FORM = 'application/x-www-form-urlencoded'
const MAX_FORM_BYTES = 8192

/**
 * `POST /oauth/token`: access tokens for client credentials, by client_secret_basic or client_secret_post.
 *
 * Addresses are Express's `req.ip`: behind a proxy, set `trust proxy`, or all clients share one address.
 *
 * @see RFC 6749 sections 3.2, 4.4 and 5; RFC 9700
 */
export function tokenEndpoint({ policies, keys, clock, logger }: TokenEndpointDeps): Router {
  const router = Router()
  const failures = createFailedAttempts(clientId =>
    policies()
      .consumers.values()
      .some(consumer => consumer.clientId === clientId),
  )

  const identify = async (
    req: Request,
    form: ReadonlyMap<string, string>,
  ): Promise<ConsumerPolicy> => {
    const credentials = readClientCredentials(req.headers.authorization, form)
    const ip = req.ip ?? ''
    await failures.requireFew(ip, credentials.clientId)
    try {
      return authenticateClient(credentials, policies().consumers, clock.now())
    } catch (error) {
      await failures.note(ip, credentials.clientId)
      throw error
    }
  }

  router.post(
    PATH,
    express.text({ type: FORM, limit: MAX_FORM_BYTES, inflate: false }),
    async (req, res) => {
      const form = readForm(req)
      const grantType = form.get('grant_type')
      if (grantType === undefined) throw new TokenError('invalid_request', 'grant_type is missing')
      const consumer = await identify(req, form)
      if (grantType !== 'client_credentials') {
        throw new TokenError('unsupported_grant_type', 'only client_credentials is supported')
      }
      const scopes = grantedScopes(form.get('scope'), consumer)
      const policy = policies().gateway.ownIssuer
      send(res, 200, {
        access_token: issueToken(consumer, scopes, { policy, keys, clock }),
        token_type: 'Bearer',
        expires_in: policy.accessTokenTtlSeconds,
        scope: scopes.join(' '),
      })
    },
  )
  router.all(PATH, () => {
    throw new TokenError('invalid_request', 'the token endpoint takes POST only', {
      status: 405,
      headers: { Allow: 'POST' },
    })
  })
  const onError: ErrorRequestHandler = (error, _req, res, _next) => {
    const refusal = error instanceof TokenError ? error : toTokenError(error)
    if (refusal.status >= 500) logger.error({ error }, 'the token endpoint failed')
    res.set(refusal.headers)
    send(res, refusal.status, { error: refusal.code, error_description: refusal.message })
  }
  router.use(PATH, onError)
  return router
}

/** RFC 6749 section 5.1: what carries a credential is not to be kept, whatever came of it. */
function send(res: Response, status: number, body: object): void {
  res.status(status).set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' }).json(body)
}

/**
 * Reads the form. A parameter without a value counts as absent.
 *
 * @throws TokenError `invalid_request`
 * @see RFC 6749 section 3.2: parameters must not be included more than once
 */
function readForm(req: Request): ReadonlyMap<string, string> {
  if (typeof req.body !== 'string') {
    throw new TokenError('invalid_request', `send a form as ${FORM}`)
  }
  const form = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(req.body)) {
    if (form.has(name)) throw new TokenError('invalid_request', 'a parameter is given twice')
    form.set(name, value)
  }
  for (const [name, value] of form) if (value === '') form.delete(name)
  return form
}

/** What the body parser throws carries a status. */
function toTokenError(error: unknown): TokenError {
  const status = Number((error as { status?: unknown } | undefined)?.status)
  if (status === 413) {
    return new TokenError('invalid_request', `a form may have ${MAX_FORM_BYTES} bytes`, { status })
  }
  if (status >= 400 && status < 500) {
    return new TokenError('invalid_request', 'the form cannot be read', { cause: error })
  }
  return new TokenError('server_error', 'something went wrong on our side', {
    status: 500,
    cause: error,
  })
}
