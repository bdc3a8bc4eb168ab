import { jsonDigest } from '../kernel/canonical-json.ts'
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
  /**
   * A digest of everything in the policies that an answer is made from: a cached answer outlives an
   * edit exactly when this is the same after it.
   */
  readonly answerBasis: string
}

/** What the answers of every operation are made from: places, channels, ERPs and the ways to them. */
export const networkBasis = ({ locations, channels, connections, routes }: PolicySet): string =>
  jsonDigest(
    [[...locations.values()], [...channels.values()], [...connections.values()], routes].map(
      parts => parts.map(withoutPlace),
    ),
  )

/** Where a setting is written makes no difference to what it does, nor when an ERP is away to its answers. */
const withoutPlace = <T extends object>(part: T): object => {
  const { at: _, maintenance: __, ...rest } = part as T & { at?: unknown; maintenance?: unknown }
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
}

/**
 * Brings an operation and its policies together.
 *
 * @param network the set's `networkBasis`
 * @throws Error when the set does not govern the operation; the policy check says so before, with its place
 */
export function planFor(contract: OperationContract, policies: PolicySet, network: string): Plan {
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
    answerBasis: jsonDigest([network, operation.cache ? withoutPlace(operation.cache) : null]),
  }
}
