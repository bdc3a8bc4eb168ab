import type { ContractIndex, ContractOperation, ContractVersion } from '../contract-index.ts'
import type { PolicySet } from '../policy-set.ts'
import { callersOf } from './callers.ts'
import { type Change, type Rank, sideBySide } from './change.ts'
import { compareOperations } from './contract/operation.ts'

type Side = { readonly set: PolicySet; readonly contracts: ContractIndex }

/**
 * What changes in the contracts. Operations belong together by method and path, whatever they are called.
 *
 * @param now epoch ms: whose sunset has passed by then may go
 */
export function* diffContracts(before: Side, after: Side, now: number): Generator<Change> {
  for (const [name, old, other] of sideBySide(versionsOf(before), versionsOf(after))) {
    const was = lifeOf(before, old ?? other, now)
    const operations = sideBySide(operationsOf(old), operationsOf(other))
    for (const [key, one, two] of operations) {
      const operation = two ?? one
      if (!operation) continue
      const side = one ? before : after
      const change = (rank: Rank, rule: string, message: string): Change => ({
        rank: was === 'draft' ? 'safe' : rank,
        rule,
        subject: `${name} ${(one ?? operation).operationId}`,
        message,
        concerns: callersOfOperation(side, old ?? other, one ?? operation),
        place: operation.place,
      })
      if (!two) {
        const rank = was === 'over' ? 'safe' : 'breaking'
        yield change(rank, 'operation-removed', `${key} is gone`)
      } else if (!one) {
        yield change('safe', 'operation-added', `${key} is new`)
      } else {
        const found: Change[] = []
        compareOperations(one, two, (...told) => found.push(change(...told)))
        yield* found
      }
    }
  }
}

const versionsOf = ({ contracts }: Side): Map<string, ContractVersion> =>
  new Map(contracts.map(contract => [`${contract.api} ${contract.version}`, contract]))

/** `GET /things/{}`: what a path's parameters are called makes no difference to callers. */
const operationsOf = (contract: ContractVersion | undefined): Map<string, ContractOperation> =>
  new Map(
    [...(contract?.operations.values() ?? [])].map(operation => [
      `${operation.method.toUpperCase()} ${operation.path.replaceAll(/\{[^}]*\}/g, '{}')}`,
      operation,
    ]),
  )

/** Nobody was promised a draft, and what was past its sunset may go. */
function lifeOf(
  { set }: Side,
  contract: ContractVersion | undefined,
  now: number,
): 'draft' | 'live' | 'over' {
  const { api = '', version = '' } = contract ?? {}
  const lifecycle = set.apis.get(api)?.versions.get(version)?.lifecycle
  if (lifecycle?.state === 'draft') return 'draft'
  const { sunsetAt = Infinity, state } = lifecycle ?? {}
  return state === 'retired' || sunsetAt <= now ? 'over' : 'live'
}

function callersOfOperation(
  { set }: Side,
  contract: ContractVersion | undefined,
  { operationId }: ContractOperation,
): string[] {
  const version = set.apis.get(contract?.api ?? '')?.versions.get(contract?.version ?? '')
  const policy = version?.operations.get(operationId)
  return policy ? callersOf(set, policy) : []
}
