import { garbled } from '../failures.ts'
import type { Attempt } from '../network-failure.ts'
import { rpcFailure } from './failures.ts'

/**
 * Takes the result out of an answer of status 200, in which Tryton also sends its errors.
 *
 * @throws UpstreamFailure for an error within, or for what is not an answer at all
 */
export function resultOf(text: string, attempt: Attempt): unknown {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    throw garbled('the answer is not JSON', attempt)
  }
  if (typeof answer !== 'object' || answer === null) throw garbled('no JSON-RPC answer', attempt)
  if ('error' in answer) throw rpcFailure(answer.error, attempt)
  if (!('result' in answer)) throw garbled('neither result nor error', attempt)
  return answer.result
}
