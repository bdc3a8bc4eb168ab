import { parseArgs } from 'node:util'
import junitReport, { type Builder } from 'junit-report-builder'
import { CONTRACTS_DIR, loadPolicySet } from '../composition/load-policy-set.ts'
import { readPolicyTests, runPolicyTest, type TestResult } from '../composition/policy-tests.ts'
import { loadContracts } from '../gateway/contract.ts'
import { fileAndLine } from '../kernel/place.ts'
import { operationIds } from '../operations/operations.ts'
import { Findings, findingText } from '../policy/finding.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import type { Command } from './command.ts'

/** `postern test`: the calls under policies/tests, and the decisions that they must get. */
export const test: Command = {
  usage: 'test [DIR] [--junit FILE] [--json]',
  summary: 'runs the tests of a policy folder, offline',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean' }, junit: { type: 'string' } },
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
    if (values.junit !== undefined) writeJUnit(results, values.junit)
    console.log(
      values.json ? JSON.stringify(toJson(results), null, 2) : inWords(results, loaded.set),
    )
    return failed.length || !results.length ? 1 : 0
  },
}

/** Its types tell of a default export that the module does not have. */
const junit = junitReport as unknown as Builder

/** For the tools that show test results: one suite for each file. */
function writeJUnit(results: readonly TestResult[], path: string): void {
  const report = junit.newBuilder()
  for (const [file, tests] of Map.groupBy(results, ({ place }) => place.file)) {
    const suite = report.testSuite().name(file)
    for (const { test, place, failure } of tests) {
      const line = suite.testCase().name(test.name).className(file).file(fileAndLine(place))
      if (failure !== undefined) {
        line.failure(`expected ${expectation(test.expect)}, came ${failure}`, 'decision')
      }
    }
  }
  report.writeTo(path)
}

const expectation = (expect: TestResult['test']['expect']): string =>
  expect === 'passes'
    ? 'passes'
    : `refused by ${expect.refusedBy}${expect.code ? ` (${expect.code})` : ''}`

const toJson = (results: readonly TestResult[]) =>
  results.map(({ test, place, failure, operation, refusedBy }) => ({
    name: test.name,
    place,
    ok: failure === undefined,
    ...(failure !== undefined && { expected: test.expect, came: failure }),
    operation,
    refusedBy,
  }))

function inWords(results: readonly TestResult[], policies: PolicySet): string {
  const lines = results.map(({ test, place, failure }) =>
    failure === undefined
      ? `ok    ${test.name}`
      : [
          `FAIL  ${test.name}  (${fileAndLine(place)})`,
          `      call      ${test.as}: ${test.call}${test.times ? `, ${test.times} times` : ''}`,
          `      expected  ${expectation(test.expect)}`,
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
    untestedOf('consumers', policies.consumers.keys(), new Set(results.map(({ test }) => test.as))),
    untestedOf(
      'plans',
      policies.plans.keys(),
      new Set(results.map(({ test }) => policies.consumers.get(test.as)?.plan.id ?? '')),
    ),
  ].join('\n')
}

function untestedOf(what: string, all: Iterable<string>, tested: ReadonlySet<string>): string {
  const names = [...all]
  const missing = names.filter(name => !tested.has(name))
  const rest = missing.length ? ` (not ${missing.join(', ')})` : ''
  return `${names.length - missing.length} of ${names.length} ${what} tested${rest}`
}
