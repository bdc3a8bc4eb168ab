import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { MaybePromise } from '../kernel/maybe-promise.ts'
import type { Idempotency } from '../ports/idempotency.ts'
import type { LimitCounter } from '../ports/limits.ts'
import type { VersionUse } from '../ports/version-usage.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Admitted, Handler } from './exchange.ts'
import type { Exchange } from './exchange-of.ts'
import type { CredentialVerifier } from './identity/credential-verifier.ts'
import type { Load } from './load.ts'
import type { Plan } from './plan.ts'
import type { Reply } from './reply.ts'
import type { ResponseCache } from './response-cache.ts'
import { asProblem } from './steps/as-problem.ts'
import { authenticate } from './steps/authenticate.ts'
import { authorize } from './steps/authorize.ts'
import { cached } from './steps/cached.ts'
import { idempotent } from './steps/idempotent.ts'
import { lifecycle } from './steps/lifecycle.ts'
import { type ObservedSettings, observed } from './steps/observed.ts'
import { shed } from './steps/shed.ts'
import { throttle } from './steps/throttle.ts'
import { validateRequest } from './steps/validate-request.ts'
import { validateResponse } from './steps/validate-response.ts'
import { withinReach } from './steps/within-reach.ts'

/** What the steps need besides their settings; the same for every operation. */
export type CompileDeps = {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly credentials: CredentialVerifier
  readonly limits: LimitCounter
  readonly cache: ResponseCache
  /** Answers to calls with an Idempotency-Key. */
  readonly answers: Idempotency
  /** How hard this process is pressed. */
  readonly load: Load
  random(): number
  /** Told of calls that a version on its way out let through. */
  countVersionUse(use: VersionUse): void
  /** Who is told of calls to this operation; undefined for what matches none. */
  observe(plan: Plan | undefined): Omit<ObservedSettings, 'clock'>
}

/**
 * The order of governance, outermost first, compiled once per operation and policy set. A step placed
 * too early does not type-check; a step without its setting is the next one, and costs nothing.
 */
export function compile(
  plan: Plan,
  handler: Handler<Admitted>,
  deps: CompileDeps,
): (exchange: Exchange) => MaybePromise<Reply> {
  const { contract, operation, version, policies, docs } = plan
  const { clock, logger, metrics } = deps
  const { operationId } = contract
  const { mode } = operation

  const answered = validateResponse(
    {
      contract,
      mode: policies.gateway.responseValidation,
      at: policies.gateway.at,
      logger,
      countInvalid: (operation, mode) => metrics.invalidResponses.inc({ operation, mode }),
    },
    handler,
  )
  const remembered = cached(
    operation.cache && {
      policy: operation.cache,
      operationId,
      basis: plan.answerBasis,
      timeoutMs: operation.timeoutMs,
      cache: deps.cache,
      clock,
      random: deps.random,
      count: outcome => metrics.cache.inc({ operation: operationId, outcome }),
    },
    answered,
  )
  const repeatable = idempotent(
    operation.idempotency === 'required'
      ? { operationId, answers: deps.answers, docs, at: operation.at }
      : undefined,
    remembered,
  )
  const admitted = validateRequest(
    {
      contract,
      maxBodyBytes: operation.maxBodyBytes,
      at: operation.at,
      traits: operation.cache?.vary ?? 'all',
    },
    withinReach({ network: policies, at: operation.at, mode }, repeatable),
  )
  const allowed = lifecycle(
    {
      policy: version.lifecycle,
      mode,
      successorPath: plan.successorPath,
      clock,
      countDeprecated: (consumer, passed) => {
        const use = {
          api: contract.api,
          version: contract.version,
          operation: operationId,
          consumer,
        }
        metrics.deprecatedCalls.inc(use)
        if (passed) deps.countVersionUse(use)
      },
    },
    admitted,
  )
  const throttled = throttle(
    {
      counter: deps.limits,
      cost: operation.cost,
      clock,
      mode,
      maxBodyBytes: operation.maxBodyBytes,
    },
    allowed,
  )
  const authorized = authorize(
    { scopes: operation.scopes, mode, issuer: policies.gateway.ownIssuer.issuer },
    throttled,
  )
  const { shedding, workClasses } = policies.gateway
  const bearable = shed(
    shedding && {
      classes: workClasses.map(({ name }) => name),
      at: shedding.at,
      load: deps.load,
      random: deps.random,
    },
    authorized,
  )
  const identified = authenticate({ credentials: deps.credentials, at: operation.at }, bearable)
  return observed({ clock, ...deps.observe(plan) }, asProblem({ docs, logger }, identified))
}
