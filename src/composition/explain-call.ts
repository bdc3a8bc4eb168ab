import type { IncomingHttpHeaders } from 'node:http'
import type { ContractDocument } from '../gateway/contract.ts'
import { createGateway } from '../gateway/gateway.ts'
import { EMPTY, type Reply } from '../gateway/reply.ts'
import { createResponseCache } from '../gateway/response-cache.ts'
import type { Verdict } from '../gateway/trail.ts'
import type { Clock } from '../kernel/clock.ts'
import { silentLogger } from '../kernel/logger.ts'
import { Problem } from '../kernel/problems.ts'
import { operationIds } from '../operations/operations.ts'
import type { ConsumerPolicy, PolicySet } from '../policy/policy-set.ts'
import { createMemoryLimits } from '../store/memory-limits.ts'
import { createMetrics } from '../telemetry/metrics.ts'

export type ExplainedCall = {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export type Explanation = {
  readonly consumer: string
  readonly policyRevision: string
  /** Absent where the path and method are no operation. */
  readonly operation: string | undefined
  /** What every stage decided; after a refusal, what the later ones would have. */
  readonly trail: readonly Verdict[]
  /** The first refusal, or `passes`. */
  readonly outcome: string
  /** What the caller would be told, where something could not go on: the request breaks the contract. */
  readonly problem: unknown
}

/**
 * Sends a call through the gateway's own stages with a policy set, offline: no ERP is asked, nothing is
 * counted anywhere else, and a refusal does not end it.
 */
export async function explainCall(
  call: ExplainedCall,
  consumer: ConsumerPolicy,
  policies: PolicySet,
  { contracts, clock }: { contracts: readonly ContractDocument[]; clock: Clock },
): Promise<Explanation> {
  let seen: { trail: readonly Verdict[]; operation: string | undefined } | undefined
  const limits = createMemoryLimits({ clock, maxKeys: 1, logger: silentLogger })
  const gateway = createGateway(
    contracts,
    policies,
    Object.fromEntries([...operationIds].map(id => [id, () => wouldRun])),
    {
      clock,
      logger: silentLogger,
      metrics: createMetrics({ processMetrics: false }),
      limits,
      cache: createResponseCache(1_000_000),
      random: () => 0.5,
      credentials: {
        identify: () => ({
          consumer,
          scopes: consumer.scopes,
          credential: 'api-key',
          expiresAt: Number.POSITIVE_INFINITY,
        }),
      },
      observe: plan => ({
        arrived: () => {},
        answered: ({ exchange }) => {
          seen = { trail: exchange.trail, operation: plan?.contract.operationId }
        },
      }),
    },
  )
  const reply = await gateway.handle({
    ...call,
    stance: 'explain',
    readBody: async maxBytes => {
      if (call.body.length > maxBytes) throw new Problem('payload-too-large')
      return call.body
    },
    onHangUp: () => {},
  })
  await limits.close()
  const trail = seen?.trail ?? []
  const refusal = trail.find(({ decision }) => decision === 'refuse')
  return {
    consumer: consumer.id,
    policyRevision: policies.revision,
    operation: seen?.operation,
    trail,
    outcome: refusal ? `refused by ${refusal.step}` : reply.status < 400 ? 'passes' : 'refused',
    problem: reply.body.kind === 'json' ? reply.body.value : undefined,
  }
}

/** Stands where the operation would run. */
const wouldRun: Reply = { status: 200, headers: [], body: EMPTY }
