import type { Problem } from '../kernel/problems.ts'
import type { Mode } from '../policy/policy-set.ts'
import type { Arrived } from './exchange.ts'
import type { Verdict } from './trail.ts'

/**
 * Refuses a call: notes the verdict and leaves the pipeline with the problem. In shadow mode, or when
 * the call is only being explained, it notes what would have happened and returns, so a caller must
 * go on as if the call had passed.
 *
 * @throws Problem unless `mode` is `shadow` or the exchange is being explained
 */
export function refuse(exchange: Arrived, verdict: Verdict, problem: Problem, mode: Mode): void {
  if (mode === 'shadow') {
    exchange.trail.push({ ...verdict, decision: 'would-refuse' })
    return
  }
  exchange.trail.push(verdict)
  if (exchange.stance === 'enforce') throw problem
}
