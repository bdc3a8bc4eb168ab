import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ContractDocument } from '../gateway/contract.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Place } from '../kernel/place.ts'
import { checkSchema } from '../policy/check-schema.ts'
import type { Findings } from '../policy/finding.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import { type PolicyTest, TestsFile } from '../policy/schema/tests-schema.ts'
import { didYouMean } from '../policy/suggest.ts'
import { parseYamlFile } from '../policy/yaml-file.ts'
import { createDryRun, type DryAnswer, type DryRun } from './dry-run.ts'

export type PlacedTest = { readonly test: PolicyTest; readonly place: Place }

export type TestResult = PlacedTest & {
  /** What the test's call came to, in words; undefined when it is what was expected. */
  readonly failure: string | undefined
  readonly operation: string | undefined
  readonly refusedBy: string | undefined
}

/** Reads `tests/*.yaml` of a policy folder; what is wrong with them is told with its place. */
export async function readPolicyTests(
  directory: string,
  findings: Findings,
): Promise<readonly PlacedTest[]> {
  const folder = join(directory, 'tests')
  const names = (await readdir(folder).catch(() => []))
    .filter(name => name.endsWith('.yaml'))
    .sort()
  const read = await Promise.all(
    names.map(async name => {
      const label = `${basename(directory)}/tests/${name}`
      const file = parseYamlFile(label, await readFile(join(folder, name), 'utf8'), findings)
      const sound = file && checkSchema({ schema: TestsFile, value: file.value, file, findings })
      if (!file || !sound) return []
      return (file.value as TestsFile).tests.map((test, i) => ({
        test,
        place: file.placeOf(['tests', i]),
      }))
    }),
  )
  return read.flat()
}

/** Runs one test with counters and a clock of its own: in milliseconds, whatever time it plays at. */
export async function runPolicyTest(
  { test, place }: PlacedTest,
  policies: PolicySet,
  contracts: readonly ContractDocument[],
): Promise<TestResult> {
  const clock = new SetClock()
  const dryRun = createDryRun(policies, { contracts, clock })
  try {
    for (const earlier of test.before ?? [])
      await send({ ...test, ...earlier }, policies, dryRun, clock)
    const { reply, operation, trail } = await send(test, policies, dryRun, clock)
    const refusedBy = trail.find(({ decision }) => decision === 'refuse')?.step
    const code = codeOf(reply.body)
    const came = reply.status < 400 ? 'passes' : `refused by ${refusedBy ?? 'no stage'} (${code})`
    const failure = agrees(test, refusedBy, code, reply.status) ? undefined : came
    return { test, place, failure, operation, refusedBy }
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    return { test, place, failure, operation: undefined, refusedBy: undefined }
  } finally {
    await dryRun.close()
  }
}

async function send(
  { as, call, body, at, times = 1 }: PolicyTest,
  policies: PolicySet,
  dryRun: DryRun,
  clock: SetClock,
): Promise<DryAnswer> {
  const consumer = policies.consumers.get(as)
  if (!consumer) {
    throw new Error(`there is no consumer "${as}"${didYouMean(as, policies.consumers.keys())}`)
  }
  if (at !== undefined) clock.set(Date.parse(at))
  const space = call.indexOf(' ')
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body))
  const headers = bytes.length
    ? { 'content-type': 'application/json', 'content-length': String(bytes.length) }
    : {}
  const sent = { method: call.slice(0, space), url: call.slice(space + 1), headers, body: bytes }
  let answer = await dryRun.send(sent, consumer, 'enforce')
  for (let n = 1; n < times; n++) answer = await dryRun.send(sent, consumer, 'enforce')
  return answer
}

function agrees(
  { expect }: PolicyTest,
  refusedBy: string | undefined,
  code: string,
  status: number,
) {
  if (expect === 'passes') return status < 400
  return (
    status >= 400 &&
    refusedBy === expect.refusedBy &&
    (expect.code === undefined || expect.code === code)
  )
}

const codeOf = (body: DryAnswer['reply']['body']): string =>
  body.kind === 'json' ? String((body.value as { code?: unknown }).code) : 'none'

/** Stands where the test puts it. */
class SetClock implements Clock {
  #now = Date.now()
  readonly #start = this.#now

  set(now: number): void {
    this.#now = now
  }
  now(): number {
    return this.#now
  }
  monotonic(): number {
    return this.#now - this.#start
  }
  async sleep(): Promise<void> {}
}
