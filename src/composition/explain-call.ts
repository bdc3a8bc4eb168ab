import type { ContractDocument } from '../gateway/contract.ts'
import type { Verdict } from '../gateway/trail.ts'
import type { Clock } from '../kernel/clock.ts'
import type { ConsumerPolicy, PolicySet } from '../policy/policy-set.ts'
import { createDryRun, type DryCall } from './dry-run.ts'

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

/** Sends a call through every stage, offline; a refusal is noted and does not end it. */
export async function explainCall(
  call: DryCall,
  consumer: ConsumerPolicy,
  policies: PolicySet,
  deps: { contracts: readonly ContractDocument[]; clock: Clock },
): Promise<Explanation> {
  const dryRun = createDryRun(policies, deps)
  const { reply, operation, trail } = await dryRun.send(call, consumer, 'explain')
  await dryRun.close()
  const refusal = trail.find(({ decision }) => decision === 'refuse')
  return {
    consumer: consumer.id,
    policyRevision: policies.revision,
    operation,
    trail,
    outcome: refusal ? `refused by ${refusal.step}` : reply.status < 400 ? 'passes' : 'refused',
    problem: reply.body.kind === 'json' ? reply.body.value : undefined,
  }
}
