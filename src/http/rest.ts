import express, { type ErrorRequestHandler, type Express, type Router } from 'express'
import { problemReply } from '../gateway/problem-reply.ts'
import { isCorrelationId, newCorrelationId } from '../kernel/ids.ts'
import type { Logger } from '../kernel/logger.ts'
import { Problem } from '../kernel/problems.ts'
import { sendReply } from './governed.ts'

/** Everything on the public listener that is not governed: documents and the token endpoint. */
export function createRest(routers: readonly Router[], logger: Logger): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  for (const router of routers) app.use(router)
  app.use(() => {
    throw new Problem('not-found')
  })
  const onError: ErrorRequestHandler = (error, req, res, _next) => {
    const given = req.headers['x-correlation-id']
    const id = typeof given === 'string' && isCorrelationId(given) ? given : newCorrelationId()
    const problem = error instanceof Problem ? error : toProblem(error)
    if (problem.kind.status >= 500) logger.error({ correlationId: id, error }, 'a request failed')
    const reply = problemReply(problem, id, {})
    sendReply(res, { ...reply, headers: ['X-Correlation-Id', id, ...reply.headers] })
  }
  app.use(onError)
  return app
}

/** Express's own refusals (a malformed path, no acceptable form) carry a status. */
function toProblem(error: unknown): Problem {
  const status = Number((error as { status?: unknown } | undefined)?.status)
  if (status === 406) return new Problem('not-acceptable')
  if (status >= 400 && status < 500) return new Problem('invalid-request')
  return new Problem('internal', { cause: error })
}
