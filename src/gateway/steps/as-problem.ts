import type { Logger } from '../../kernel/logger.ts'
import { orElse } from '../../kernel/maybe-promise.ts'
import { Problem } from '../../kernel/problems.ts'
import type { Arrived, Handler } from '../exchange.ts'
import { type ProblemDocs, problemReply } from '../problem-reply.ts'

/**
 * The only place where an error becomes an answer. What nobody expected is logged whole and answered
 * as `internal`, with a correlation id and nothing else.
 */
export function asProblem(
  settings: { docs: ProblemDocs; logger: Logger },
  next: Handler<Arrived>,
): Handler<Arrived> {
  return exchange =>
    orElse(
      () => next(exchange),
      error => {
        const problem = toProblem(error)
        if (problem.kind.status >= 500 && !exchange.isAbandoned) {
          settings.logger.error(
            { correlationId: exchange.id, code: problem.code, error: problem.cause ?? problem },
            'a call failed',
          )
        }
        return problemReply(problem, exchange.id, settings.docs)
      },
    )
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  // The operation's own deadline, where nothing below it ended sooner.
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new Problem('erp-timeout', { cause: error })
  }
  return new Problem('internal', { cause: error })
}
