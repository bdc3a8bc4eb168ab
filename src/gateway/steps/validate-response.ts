import type { Logger } from '../../kernel/logger.ts'
import { andThen } from '../../kernel/maybe-promise.ts'
import type { Place } from '../../kernel/place.ts'
import { Problem } from '../../kernel/problems.ts'
import type { OperationContract } from '../contract.ts'
import { toProblemErrors } from '../contract-errors.ts'
import type { Admitted, Handler } from '../exchange.ts'
import { verdict } from '../trail.ts'

export type ValidateResponseSettings = {
  readonly contract: OperationContract
  /** `enforce` refuses an answer that breaks the contract; `detect` counts and logs it. */
  readonly mode: 'enforce' | 'detect'
  readonly at: Place
  readonly logger: Logger
  countInvalid(operationId: string, mode: 'enforce' | 'detect'): void
}

/** Holds our own answers to the contract, before they are cached or sent. */
export function validateResponse(
  settings: ValidateResponseSettings,
  next: Handler<Admitted>,
): Handler<Admitted> {
  const { contract, mode, at, logger } = settings
  const failed = verdict(
    'validate-response',
    mode === 'enforce' ? 'refuse' : 'would-refuse',
    'the answer breaks the contract',
    at,
  )
  return exchange =>
    andThen(next(exchange), reply => {
      if (reply.body.kind !== 'json') return reply
      const validate = contract.responseValidator(reply.status)
      const errors = !validate
        ? [{ pointer: '#', code: 'status', message: `the contract has no answer ${reply.status}` }]
        : validate(reply.body.value)
          ? undefined
          : toProblemErrors(validate.errors ?? [], '/response')
      if (!errors) return reply
      exchange.trail.push(failed)
      settings.countInvalid(contract.operationId, mode)
      logger.error(
        {
          correlationId: exchange.id,
          operation: contract.operationId,
          status: reply.status,
          errors,
        },
        'an answer breaks the contract',
      )
      if (mode === 'enforce') throw new Problem('response-invalid')
      return reply
    })
}
