import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CONNECTORS } from '../connectors/connectors.ts'
import { operationIds } from '../operations/operations.ts'
import { type ContractIndex, readContractIndex } from '../policy/contract-index.ts'
import { type LoadDeps, type LoadResult, loadPolicies } from '../policy/load.ts'

/** The contracts, wherever the process was started. */
export const CONTRACTS_DIR = join(fileURLToPath(new URL('../..', import.meta.url)), 'openapi')

/** Read once: contracts ship with the program, and only the policies change while it runs. */
let contracts: Promise<ContractIndex> | undefined

function contractsOnce(): Promise<ContractIndex> {
  contracts ??= readContractIndex(CONTRACTS_DIR)
  return contracts
}

/** Loads a policy folder against this program's own contracts, operations and connectors. */
export async function loadPolicySet(
  options: { directory: string } & Omit<LoadDeps, 'contracts' | 'connectors' | 'handlers' | 'now'>,
): Promise<LoadResult> {
  const { directory, ...deps } = options
  return loadPolicies(directory, {
    ...deps,
    contracts: await contractsOnce(),
    connectors: CONNECTORS,
    handlers: operationIds,
    now: Date.now(),
  })
}
