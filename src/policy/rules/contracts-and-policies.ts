import { fileAndLine, type Place } from '../../kernel/place.ts'
import { didYouMean } from '../suggest.ts'
import type { Rule } from './rule.ts'

/** An operation has a policy and a handler; a policy and a handler have an operation. */
export const contractsAndPolicies: Rule = (context, findings) => {
  operationsAreGoverned(context, findings)
  operationsAreServed(context, findings)
  policiesMeanSomething(context, findings)
}

const operationsAreGoverned: Rule = ({ set, contracts, incomplete }, findings) => {
  // The policy may stand in the file that is broken.
  if (incomplete.has('apis')) return
  for (const { api, version, file, place, operations } of contracts) {
    const policy = set.apis.get(api)?.versions.get(version)
    if (!policy) {
      const message = `no policy governs ${api} ${version} (openapi/${file})`
      findings.error(place, 'operation-without-policy', message)
      continue
    }
    for (const { operationId, place } of operations.values()) {
      if (policy.operations.has(operationId)) continue
      findings.error(place, 'operation-without-policy', `no policy governs ${operationId}`)
    }
  }
}

const operationsAreServed: Rule = ({ contracts, handlers }, findings) => {
  const places = new Map<string, Place>()
  for (const { operations } of contracts) {
    for (const { operationId, place } of operations.values()) {
      const other = places.get(operationId)
      if (other) {
        const message = `${operationId} is also at ${fileAndLine(other)}: one handler cannot serve both`
        findings.error(place, 'duplicate-operation', message)
      }
      places.set(operationId, place)
      if (handlers.has(operationId)) continue
      findings.error(place, 'operation-without-handler', `nothing serves ${operationId}`)
    }
  }
  for (const id of handlers) {
    if (places.has(id)) continue
    const place = { file: 'src/operations/operations.ts', line: 1, column: 1 }
    const message = `no contract has the operation "${id}"${didYouMean(id, places.keys())}`
    findings.error(place, 'handler-without-operation', message)
  }
}

const policiesMeanSomething: Rule = ({ set, contracts }, findings) => {
  for (const { id: api, at, versions } of set.apis.values()) {
    const known = contracts.filter(contract => contract.api === api)
    if (!known.length) {
      const names = contracts.map(contract => contract.api)
      const message = `no contract defines the API "${api}"${didYouMean(api, names)}`
      findings.error(at, 'policy-without-contract', message)
      continue
    }
    for (const { at, version, contract: file, operations } of versions.values()) {
      const contract = known.find(candidate => candidate.version === version)
      if (!contract) {
        findings.error(at, 'policy-without-contract', `there is no openapi/${file}`)
        continue
      }
      for (const { at, operationId } of operations.values()) {
        if (contract.operations.has(operationId)) continue
        const hint = didYouMean(operationId, contract.operations.keys())
        const message = `openapi/${file} has no operation "${operationId}"${hint}`
        findings.error(at, 'policy-without-operation', message)
      }
    }
  }
}
