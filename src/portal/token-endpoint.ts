import express, { type ErrorRequestHandler, type Response, Router } from 'express'
import { rateLimit } from 'express-rate-limit'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import type { SigningKeys } from '../ports/signing-keys.ts'
import {
  authenticateClient,
  grantedScopes,
  readClientCredentials,
  TokenError,
} from './client-credentials.ts'
import { issueToken } from './issue-token.ts'

export type TokenEndpointDeps = {
  policies(): PolicySet
  readonly keys: SigningKeys
  readonly clock: Clock
  readonly logger: Logger
}

const MAX_FORM_BYTES = '8kb'
/** Guessing a 43-character secret is hopeless; the limit is for the CPU and the log. Successes do not count. */
const FAILURES_PER_MINUTE = 30

/**
 * `POST /oauth/token`, client credentials only.
 *
 * @see RFC 6749 sections 4.4 and 5, RFC 9700
 */
export function tokenEndpoint({ policies, keys, clock, logger }: TokenEndpointDeps): Router {
  const router = Router()
  const failures = rateLimit({
    windowMs: 60_000,
    limit: FAILURES_PER_MINUTE,
    skipSuccessfulRequests: true,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_req, res) => {
      sendError(res, 429, 'invalid_request', 'too many failed attempts; wait a minute')
    },
  })
  router.post(
    '/oauth/token',
    failures,
    express.urlencoded({ extended: false, limit: MAX_FORM_BYTES, parameterLimit: 20 }),
    (req, res) => {
      if (!req.is('application/x-www-form-urlencoded')) {
        throw new TokenError('invalid_request', 'send application/x-www-form-urlencoded')
      }
      const form = singleValues(req.body)
      const credentials = readClientCredentials(req.headers.authorization, form)
      const consumer = authenticateClient(credentials, policies(), clock.now())
      if (form.grant_type === undefined)
        throw new TokenError('invalid_request', 'grant_type is missing')
      if (form.grant_type !== 'client_credentials') {
        throw new TokenError('unsupported_grant_type', 'only client_credentials is supported')
      }
      const scopes = grantedScopes(form.scope, consumer)
      const policy = policies().gateway.ownIssuer
      const token = issueToken(consumer, scopes, { policy, keys, clock })
      res.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' }).json({
        access_token: token,
        token_type: 'Bearer',
        expires_in: policy.accessTokenTtlSeconds,
        scope: scopes.join(' '),
      })
    },
  )
  router.all('/oauth/token', (_req, res) => {
    res.set('Allow', 'POST')
    sendError(res, 405, 'invalid_request', 'the token endpoint takes POST')
  })
  const onError: ErrorRequestHandler = (error, req, res, next) => {
    if (error instanceof TokenError) {
      const status = error.code === 'invalid_client' ? 401 : 400
      if (status === 401) res.set('WWW-Authenticate', 'Basic realm="postern"')
      return sendError(res, status, error.code, error.message)
    }
    if (req.path !== '/oauth/token') return next(error)
    const status = Number(error?.status)
    if (status >= 400 && status < 500) {
      return sendError(res, status, 'invalid_request', 'the form cannot be read')
    }
    logger.error({ error }, 'the token endpoint failed')
    return sendError(res, 500, 'invalid_request', 'something went wrong on our side')
  }
  router.use(onError)
  return router
}

function sendError(res: Response, status: number, code: string, description: string): void {
  res
    .status(status)
    .set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' })
    .json({ error: code, error_description: description })
}

/** RFC 6749 section 3.2: parameters must not be included more than once. */
function singleValues(body: unknown): Readonly<Record<string, string>> {
  const form: Record<string, string> = {}
  for (const [name, value] of Object.entries((body ?? {}) as object)) {
    if (typeof value !== 'string')
      throw new TokenError('invalid_request', `${name.slice(0, 40)} is given twice`)
    form[name] = value
  }
  return form
}
