import type { Problem } from '../kernel/problems.ts'
import { isEnforced } from '../policy/enforced.ts'
import type { Mode } from '../policy/policy-set.ts'
import type { Identified } from './exchange.ts'
import type { Verdict } from './trail.ts'

/**
 * Refuses a call: notes the verdict and leaves the pipeline with the problem. Where the mode does not
 * enforce for this consumer, or the call is only being explained, it notes what would have happened and
 * returns, so a caller must go on as if the call had passed.
 *
 * @throws Problem unless it is only noted
 */
export function refuse(exchange: Identified, verdict: Verdict, problem: Problem, mode: Mode): void {
  if (!isEnforced(mode, exchange.principal.consumer.id)) {
    exchange.trail.push({ ...verdict, decision: 'would-refuse' })
    return
  }
  exchange.trail.push(verdict)
  if (exchange.stance === 'enforce') throw problem
}
