import type { ApiPolicy, OperationPolicy, PolicySet, VersionPolicy } from '../policy/policy-set.ts'
import type { OperationContract } from './contract.ts'
import type { ProblemDocs } from './problem-reply.ts'

/** Everything that governs one operation under one policy set: contract and policies side by side. */
export type Plan = {
  readonly contract: OperationContract
  readonly api: ApiPolicy
  readonly version: VersionPolicy
  readonly operation: OperationPolicy
  readonly policies: PolicySet
  readonly docs: ProblemDocs
  /** `/inventory/v2`, where the version has a successor. */
  readonly successorPath: string | undefined
}

/**
 * Brings an operation and its policies together.
 *
 * @throws Error when the set does not govern the operation; the policy check says so before, with its place
 */
export function planFor(contract: OperationContract, policies: PolicySet): Plan {
  const api = policies.apis.get(contract.api)
  const version = api?.versions.get(contract.version)
  const operation = version?.operations.get(contract.operationId)
  if (!api || !version || !operation) {
    throw new Error(`no policy governs ${contract.api} ${contract.version} ${contract.operationId}`)
  }
  const { successor } = version.lifecycle
  return {
    contract,
    api,
    version,
    operation,
    policies,
    docs: {
      policy: `${contract.api}/${contract.version}/${contract.operationId}`,
      contact: api.owner.contact,
    },
    successorPath: successor && `/${contract.api}/${successor}`,
  }
}
