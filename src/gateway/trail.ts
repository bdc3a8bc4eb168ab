import { fileAndLine, type Place } from '../kernel/place.ts'

/** The stages of governance, in their order, plus the operation itself. */
export type StepName =
  | 'contract'
  | 'shed'
  | 'authenticate'
  | 'authorize'
  | 'throttle'
  | 'lifecycle'
  | 'validate-request'
  | 'idempotent'
  | 'cached'
  | 'validate-response'
  | 'operation'

/** What one step decided about one call, and which line of which policy made it so. */
export type Verdict = {
  readonly step: StepName
  readonly decision:
    | 'pass'
    | 'refuse'
    | 'would-refuse'
    | 'hit'
    | 'stale'
    | 'miss'
    | 'bypass'
    | 'note'
  /** A short stable phrase, safe to show to an operator; never a secret, never a whole URL. */
  readonly reason: string
  /** `policies/apis/inventory.yaml:14` */
  readonly policy: string
}

/** A verdict without variable parts: made once when the chain is compiled, pushed per call. */
export const verdict = (
  step: StepName,
  decision: Verdict['decision'],
  reason: string,
  at: Place,
): Verdict => Object.freeze({ step, decision, reason, policy: fileAndLine(at) })
