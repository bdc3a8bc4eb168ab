import { andThen } from '../../kernel/maybe-promise.ts'
import type { Place } from '../../kernel/place.ts'
import { Problem, type ProblemError } from '../../kernel/problems.ts'
import { admit } from '../admit.ts'
import type { OperationContract } from '../contract.ts'
import { toProblemErrors } from '../contract-errors.ts'
import type { Admitted, Allowed, Handler } from '../exchange.ts'
import { parseQuery } from '../query.ts'
import { readJsonBody } from '../read-json-body.ts'
import { verdict } from '../trail.ts'

export type ValidateRequestSettings = {
  readonly contract: OperationContract
  readonly maxBodyBytes: number
  readonly at: Place
  /** The caller's traits that the answer may depend on; see CachePolicy.vary. */
  readonly traits: readonly string[] | 'all'
}

/**
 * Checks path, query, headers and body against the contract and reports everything that is wrong at
 * once. What it lets through is typed as the contract says: after it nobody checks again. There is no
 * shadow mode: an operation never runs on unchecked input.
 */
export function validateRequest(
  settings: ValidateRequestSettings,
  next: Handler<Admitted>,
): Handler<Allowed> {
  const { contract, at } = settings
  const queryParameters = new Map(
    contract.parameters.filter(p => p.in === 'query').map(p => [p.name, p]),
  )
  const headerNames = contract.parameters.filter(p => p.in === 'header').map(p => p.name)
  const passed = verdict('validate-request', 'pass', 'the request matches the contract', at)
  const failed = verdict('validate-request', 'refuse', 'the request breaks the contract', at)

  /** Every complaint about a call whose body has been read. `input` is coerced in place. */
  const complaints = (
    exchange: Allowed,
    input: { query: Record<string, unknown>; params: Record<string, unknown>; body: unknown },
    repeated: readonly string[],
  ): ProblemError[] => {
    const header: Record<string, unknown> = {}
    for (const name of headerNames) {
      if (exchange.headers[name] !== undefined) header[name] = exchange.headers[name]
    }
    const subject = {
      path: input.params,
      query: input.query,
      header,
      ...(input.body !== undefined && { requestBody: input.body }),
    }
    const errors = repeated.map(name => ({
      pointer: `#/query/${name}`,
      code: 'repeated',
      message: 'must be given once',
    }))
    for (const validate of contract.requestValidators) {
      if (!validate(subject)) errors.push(...toProblemErrors(validate.errors ?? []))
    }
    return errors
  }

  const judge = (exchange: Allowed, body: unknown) => {
    const { values: query, repeated } = parseQuery(exchange.search, queryParameters)
    const input = { query, params: { ...exchange.pathParams }, body }
    const errors = complaints(exchange, input, repeated)
    if (errors.length) {
      exchange.trail.push(failed)
      const detail = `${errors.length} ${errors.length === 1 ? 'part is' : 'parts are'} wrong.`
      throw new Problem('invalid-request', { detail, errors })
    }
    exchange.trail.push(passed)
    return next(admit(exchange, input, settings.traits))
  }

  return exchange => {
    requireAcceptable(exchange.headers.accept)
    if (contract.bodyTypes.length === 0) return judge(exchange, undefined)
    return andThen(readJsonBody(exchange, contract, settings.maxBodyBytes), body =>
      judge(exchange, body),
    )
  }
}

/** @throws Problem `not-acceptable` when the caller takes no JSON (RFC 9110 section 12.5.1) */
function requireAcceptable(accept: string | undefined): void {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return
  const ranges = accept.split(',', 50).map(range => range.trim().toLowerCase())
  const taken = ranges.some(range => {
    const [type = '', ...parameters] = range.split(';').map(part => part.trim())
    const refused = parameters.some(p => /^q=0(\.0*)?$/.test(p))
    return !refused && ['*/*', 'application/*', 'application/json'].includes(type)
  })
  if (!taken) throw new Problem('not-acceptable', { detail: 'Answers are application/json.' })
}
