import { didYouMean } from '../suggest.ts'
import type { Rule } from './rule.ts'

/** An operation has a policy and a handler; a policy and a handler have an operation. */
export const contractsAndPolicies: Rule = ({ set, contracts, handlers }, findings) => {
  const everyOperation = new Set<string>()
  for (const { api, version, file, place, operations } of contracts) {
    const policy = set.apis.get(api)?.versions.get(version)
    if (!policy) {
      findings.error(
        place,
        'operation-without-policy',
        `no policy governs ${api} ${version} (openapi/${file})`,
      )
    }
    for (const [id, operation] of operations) {
      everyOperation.add(id)
      if (policy && !policy.operations.has(id)) {
        findings.error(operation.place, 'operation-without-policy', `no policy governs ${id}`)
      }
      if (!handlers.has(id)) {
        findings.error(operation.place, 'operation-without-handler', `nothing serves ${id}`)
      }
    }
  }
  for (const { id: api, at, versions } of set.apis.values()) {
    const known = contracts.filter(contract => contract.api === api)
    if (!known.length) {
      const names = contracts.map(contract => contract.api)
      findings.error(
        at,
        'policy-without-contract',
        `no contract defines the API "${api}"${didYouMean(api, names)}`,
      )
      continue
    }
    for (const { at, version, operations } of versions.values()) {
      const contract = known.find(candidate => candidate.version === version)
      if (!contract) {
        findings.error(at, 'policy-without-contract', `there is no openapi/${api}.${version}.yaml`)
        continue
      }
      for (const { at, operationId } of operations.values()) {
        if (contract.operations.has(operationId)) continue
        const hint = didYouMean(operationId, contract.operations.keys())
        findings.error(
          at,
          'policy-without-operation',
          `openapi/${contract.file} has no operation "${operationId}"${hint}`,
        )
      }
    }
  }
  for (const id of handlers) {
    if (everyOperation.has(id)) continue
    const place = { file: 'src/operations/operations.ts', line: 1, column: 1 }
    findings.error(place, 'handler-without-operation', `no contract has the operation "${id}"`)
  }
}
