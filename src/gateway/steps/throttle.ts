import type { Clock } from '../../kernel/clock.ts'
import { andFinally, andThen, type MaybePromise } from '../../kernel/maybe-promise.ts'
import { Problem, type ProblemCode } from '../../kernel/problems.ts'
import { createWindows, type Windows } from '../../model/windows.ts'
import { isEnforced } from '../../policy/enforced.ts'
import type { CostPolicy, Mode, PlanPolicy } from '../../policy/policy-set.ts'
import type { LimitCounter, LimitDecision, LimitKind } from '../../ports/limits.ts'
import { callCost } from '../call-cost.ts'
import type { Allowed, Handler } from '../exchange.ts'
import {
  type LimitNames,
  limitNames,
  rateLimitField,
  rateLimitPolicyField,
} from '../rate-limit-fields.ts'
import { refuse } from '../refuse.ts'
import type { Reply } from '../reply.ts'
import { type Verdict, verdict } from '../trail.ts'

export type ThrottleSettings = {
  readonly counter: LimitCounter
  readonly cost: CostPolicy
  readonly mode: Mode
  /** The operation's body limit: a body is read here when the cost depends on its items. */
  readonly maxBodyBytes: number
  readonly clock: Clock
}

/**
 * Holds each consumer to its plan: its hours; rate with burst, quota and concurrency, decided together.
 * A refused call consumes nothing. Every answer of a limited plan carries RateLimit-Policy and RateLimit.
 *
 * Synchronous as long as the counter is and the cost does not depend on a body.
 *
 * @see draft-ietf-httpapi-ratelimit-headers-10; RFC 9110 section 10.2.3 (Retry-After)
 */
export function throttle(settings: ThrottleSettings, next: Handler<Allowed>): Handler<Allowed> {
  const { counter, clock, mode } = settings
  const costOf = callCost(settings.cost, settings.maxBodyBytes)
  const termsOf = createTerms()

  /** The operation's mode and the plan's must both enforce. */
  const refuseBy = (exchange: Allowed, { plan }: Terms, verdict: Verdict, problem: Problem) => {
    const { id } = exchange.principal.consumer
    refuse(exchange, verdict, problem, isEnforced(plan.mode, id) ? mode : 'shadow')
  }

  const judged = (
    exchange: Allowed,
    terms: Terms,
    decision: LimitDecision,
  ): MaybePromise<Reply> => {
    const { replyHeaders, trail } = exchange
    const field = rateLimitField(terms.names, decision)
    replyHeaders.push('RateLimit-Policy', terms.policyField ?? '', 'RateLimit', field)
    if (decision.violated) {
      const { [decision.violated]: refusal } = terms.refusals
      refuseBy(exchange, terms, refusal, toProblem(terms, decision, decision.violated))
      return next(exchange)
    }
    trail.push(terms.passed)
    return andFinally(
      () => next(exchange),
      () => decision.release(),
    )
  }

  return exchange => {
    const { consumer } = exchange.principal
    const terms = termsOf(consumer.plan)
    if (!terms) return next(exchange)
    const now = clock.now()
    const open = terms.hours?.at(now)
    if (open && !open.within) {
      refuseBy(exchange, terms, terms.closed, outsideHours(terms.plan, open.until, now))
    }
    if (terms.policyField === undefined) return next(exchange)
    const { limits } = consumer.plan
    return andThen(costOf(exchange), cost =>
      andThen(counter.admit(consumer.id, limits, cost, now), decision =>
        judged(exchange, terms, decision),
      ),
    )
  }
}

/** What is the same for every call under one plan, made once. */
type Terms = {
  readonly plan: PlanPolicy
  readonly names: LimitNames
  /** Undefined for a plan without limits. */
  readonly policyField: string | undefined
  readonly hours: Windows | undefined
  readonly closed: Verdict
  readonly passed: Verdict
  readonly refusals: Readonly<Record<LimitKind, Verdict>>
}

/**
 * Plans are known by identity: a new policy set brings new ones, and the old are forgotten with it.
 *
 * @returns undefined for a plan that limits nothing
 */
function createTerms(): (plan: PlanPolicy) => Terms | undefined {
  const known = new WeakMap<PlanPolicy, Terms>()
  return plan => {
    let terms = known.get(plan)
    if (!terms) {
      terms = toTerms(plan)
      if (terms) known.set(plan, terms)
    }
    return terms
  }
}

function toTerms(plan: PlanPolicy): Terms | undefined {
  const { id, at, limits, hours } = plan
  const policyField = rateLimitPolicyField(limits)
  if (policyField === undefined && !hours) return undefined
  return {
    plan,
    names: limitNames(limits),
    policyField,
    hours: hours && createWindows(hours.windows),
    closed: verdict('throttle', 'refuse', `outside the hours of plan ${id}`, at),
    passed: verdict('throttle', 'pass', `within plan ${id}`, at),
    refusals: {
      rate: verdict('throttle', 'refuse', `over the rate of plan ${id}`, at),
      quota: verdict('throttle', 'refuse', `the quota of plan ${id} is used up`, at),
      concurrency: verdict('throttle', 'refuse', `over the concurrency of plan ${id}`, at),
    },
  }
}

const CODES = {
  rate: 'rate-limited',
  quota: 'quota-exceeded',
  concurrency: 'concurrency-exceeded',
} as const satisfies Record<LimitKind, ProblemCode>

const toProblem = (terms: Terms, decision: LimitDecision, violated: LimitKind): Problem =>
  new Problem(CODES[violated], {
    detail: `Limit "${terms.names[violated]}" of plan "${terms.plan.id}".`,
    retryAfterSeconds: decision.retryAfterSeconds,
    extensions: { 'violated-policies': [terms.names[violated]] },
  })

/** @param opensAt epoch ms; infinite when the plan's hours do not come again */
const outsideHours = ({ id, hours }: PlanPolicy, opensAt: number, now: number): Problem =>
  new Problem('outside-hours', {
    detail: `Plan "${id}" may be used during "${hours?.calendar}" only.`,
    ...(Number.isFinite(opensAt) && {
      retryAfterSeconds: Math.ceil((opensAt - now) / 1000),
    }),
  })
