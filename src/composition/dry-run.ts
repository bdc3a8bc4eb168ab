import type { IncomingHttpHeaders } from 'node:http'
import type { ContractDocument } from '../gateway/contract.ts'
import type { Admitted, Arrived, Handler } from '../gateway/exchange.ts'
import { createGateway } from '../gateway/gateway.ts'
import { AT_EASE } from '../gateway/load.ts'
import type { Principal } from '../gateway/principal.ts'
import { EMPTY, jsonReply, type Reply } from '../gateway/reply.ts'
import { createResponseCache } from '../gateway/response-cache.ts'
import type { Verdict } from '../gateway/trail.ts'
import type { Clock } from '../kernel/clock.ts'
import { newCorrelationId } from '../kernel/ids.ts'
import { silentLogger } from '../kernel/logger.ts'
import { Problem } from '../kernel/problems.ts'
import { operationIds } from '../operations/operations.ts'
import type { ConsumerPolicy, PolicySet } from '../policy/policy-set.ts'
import type { Idempotency } from '../ports/idempotency.ts'
import type { LimitCounter } from '../ports/limits.ts'
import { createMemoryLimits } from '../store/memory-limits.ts'
import { createMetrics } from '../telemetry/metrics.ts'

export type DryCall = {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** What the credential may do; all that the consumer may, when absent. */
  readonly scopes?: ReadonlySet<string>
}

export type DryAnswer = {
  readonly reply: Reply
  /** Absent where the path and method are no operation. */
  readonly operation: string | undefined
  readonly trail: readonly Verdict[]
}

/** The gateway's own stages with a policy set, offline: no ERP is asked, and its counters are its own. */
export interface DryRun {
  /** @param stance `explain` lets every stage have its say after a refusal */
  send(call: DryCall, consumer: ConsumerPolicy, stance: Arrived['stance']): Promise<DryAnswer>
  close(): Promise<void>
}

export function createDryRun(
  policies: PolicySet,
  {
    contracts,
    clock,
    limits = createMemoryLimits({ clock, maxKeys: 10_000, logger: silentLogger }),
    operation = () => wouldRun,
    cacheBytes = 1_000_000,
  }: {
    contracts: readonly ContractDocument[]
    clock: Clock
    limits?: LimitCounter
    /** Stands in for every operation. */
    operation?: () => Reply
    cacheBytes?: number
  },
): DryRun {
  let caller: Principal | undefined
  let seen: Omit<DryAnswer, 'reply'> = { operation: undefined, trail: [] }
  const gateway = createGateway(
    contracts,
    policies,
    Object.fromEntries([...operationIds].map(id => [id, keeping(operation)])),
    {
      clock,
      logger: silentLogger,
      metrics: createMetrics({ processMetrics: false }),
      limits,
      cache: createResponseCache(cacheBytes),
      load: AT_EASE,
      random: () => 0.5,
      countVersionUse: () => {},
      answers: NOTHING_KEPT,
      credentials: { identify: () => identified(caller) },
      observe: plan => ({
        arrived: () => {},
        answered: ({ exchange }) => {
          seen = { trail: exchange.trail, operation: plan?.contract.operationId }
        },
      }),
    },
  )
  return {
    async send(call, consumer, stance) {
      const { scopes = consumer.scopes } = call
      caller = { consumer, scopes, credential: 'api-key', expiresAt: Number.POSITIVE_INFINITY }
      const reply = await gateway.handle({
        ...call,
        // Whoever asks what would be decided does not ask about the key.
        headers: { 'idempotency-key': newCorrelationId(), ...call.headers },
        stance,
        readBody: async maxBytes => {
          if (call.body.length > maxBytes) throw new Problem('payload-too-large')
          return call.body
        },
        onHangUp: () => {},
      })
      return { reply, ...seen }
    },
    close: () => limits.close(),
  }
}

/** An operation keeps its answer where it is asked to; here nobody asks for it again. */
const keeping =
  (operation: () => Reply): Handler<Admitted> =>
  exchange => {
    const reply = operation()
    return exchange.keep ? exchange.keep(NOTHING_KEPT, jsonReply(200, {})).then(() => reply) : reply
  }

const NOTHING_KEPT: Idempotency = {
  find: async () => undefined,
  keep: async () => true,
  forget: async () => 0,
}

/** Stands where the operation would run. */
const wouldRun: Reply = { status: 200, headers: [], body: EMPTY }

function identified(caller: Principal | undefined): Principal {
  if (!caller) throw new Problem('unauthenticated')
  return caller
}
