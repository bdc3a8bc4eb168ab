import { parseArgs } from 'node:util'
import { CONTRACTS_DIR, loadPolicySet } from '../composition/load-policy-set.ts'
import { readPolicyTests, runPolicyTest, type TestResult } from '../composition/policy-tests.ts'
import { loadContracts } from '../gateway/contract.ts'
import { fileAndLine } from '../kernel/place.ts'
import { operationIds } from '../operations/operations.ts'
import { Findings, findingText } from '../policy/finding.ts'
import type { Command } from './command.ts'

/** `postern test`: the calls under policies/tests, and the decisions that they must get. */
export const test: Command = {
  usage: 'test [DIR] [--json]',
  summary: 'runs the tests of a policy folder, offline',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean' } },
      allowPositionals: true,
    })
    const directory = positionals[0] ?? process.env.POSTERN_POLICIES ?? 'policies'
    const findings = new Findings()
    const [loaded, tests] = await Promise.all([
      loadPolicySet({
        directory,
        env: process.env,
        production: false,
        ownIssuer: 'http://127.0.0.1',
        demoHashes: () => undefined,
      }),
      readPolicyTests(directory, findings),
    ])
    if (!loaded.ok || findings.hasErrors) {
      for (const finding of [...(loaded.ok ? [] : loaded.findings), ...findings.sorted()]) {
        console.error(findingText(finding))
      }
      return 1
    }
    const contracts = await loadContracts(CONTRACTS_DIR)
    const results: TestResult[] = []
    for (const placed of tests) results.push(await runPolicyTest(placed, loaded.set, contracts))
    const failed = results.filter(({ failure }) => failure !== undefined)
    console.log(values.json ? JSON.stringify(toJson(results), null, 2) : inWords(results))
    return failed.length || !results.length ? 1 : 0
  },
}

const toJson = (results: readonly TestResult[]) =>
  results.map(({ test, place, failure, operation, refusedBy }) => ({
    name: test.name,
    place,
    ok: failure === undefined,
    ...(failure !== undefined && { expected: test.expect, came: failure }),
    operation,
    refusedBy,
  }))

function inWords(results: readonly TestResult[]): string {
  const lines = results.map(({ test, place, failure }) =>
    failure === undefined
      ? `ok    ${test.name}`
      : [
          `FAIL  ${test.name}  (${fileAndLine(place)})`,
          `      call      ${test.as}: ${test.call}${test.times ? `, ${test.times} times` : ''}`,
          `      expected  ${test.expect === 'passes' ? 'passes' : `refused by ${test.expect.refusedBy}${test.expect.code ? ` (${test.expect.code})` : ''}`}`,
          `      came      ${failure}`,
        ].join('\n'),
  )
  const failed = results.filter(({ failure }) => failure !== undefined).length
  const reached = new Set(results.flatMap(({ operation }) => operation ?? []))
  const untested = [...operationIds].filter(id => !reached.has(id))
  const stages = new Set(results.flatMap(({ refusedBy }) => refusedBy ?? []))
  return [
    ...lines,
    '',
    `${results.length - failed} of ${results.length} hold; ${reached.size} of ${operationIds.size} operations tested` +
      (untested.length ? ` (not ${untested.join(', ')})` : ''),
    `stages whose refusal is tested: ${[...stages].join(', ') || 'none'}`,
  ].join('\n')
}
