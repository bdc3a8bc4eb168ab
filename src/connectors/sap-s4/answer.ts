import { garbled } from '../failures.ts'
import type { HttpAnswer } from '../http-transport.ts'
import type { Attempt } from '../network-failure.ts'
import { messageFailure, parsed, statusFailure, toldFailure } from './failures.ts'

/** One page of an entity set. */
export type Page = {
  readonly rows: readonly unknown[]
  /** Where the rest is. */
  readonly next?: string
}

/**
 * Takes what OData V2 wraps into `d` out of an answer.
 *
 * @throws UpstreamFailure for an error, whatever the status that it came with
 */
export function resultOf(answer: HttpAnswer, attempt: Attempt): unknown {
  if (answer.status < 200 || answer.status > 299) throw statusFailure(answer, attempt)
  const body = parsed(answer.text)
  const failed = toldFailure(body, attempt, answer.status) ?? messageFailure(answer, attempt)
  if (failed) throw failed
  if (typeof body === 'object' && body !== null && 'd' in body) return body.d
  throw garbled('no OData V2 answer', attempt)
}

/** @throws UpstreamFailure, also when the answer is no set */
export function pageOf(answer: HttpAnswer, attempt: Attempt): Page {
  const result = resultOf(answer, attempt)
  if (typeof result === 'object' && result !== null && 'results' in result) {
    const { results: rows } = result
    const next = '__next' in result ? result.__next : undefined
    if (Array.isArray(rows)) return { rows, ...(typeof next === 'string' && { next }) }
  }
  throw garbled('an answer without results', attempt)
}
