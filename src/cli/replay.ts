import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import { createGunzip } from 'node:zlib'
import { CONTRACTS_DIR, loadPolicySet } from '../composition/load-policy-set.ts'
import { type Replayed, replay as replayLines } from '../composition/replay/replay.ts'
import { type Row, total } from '../composition/replay/tally.ts'
import { loadContracts } from '../gateway/contract.ts'
import { findingText } from '../policy/finding.ts'
import { type Command, UsageError } from './command.ts'
import { createProgress } from './progress.ts'

/** `postern replay`: what a policy folder would have made of recorded traffic. */
export const replay: Command = {
  usage: 'replay LOG... [--policies DIR] [--fail-on-refusal] [--json]',
  summary: 'sends an access log through a policy folder, offline',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        policies: { type: 'string' },
        json: { type: 'boolean' },
        'fail-on-refusal': { type: 'boolean' },
      },
      allowPositionals: true,
    })
    if (positionals.length === 0)
      throw new UsageError('give access logs, .gz or not, or - for standard input')
    const loaded = await loadPolicySet({
      directory: values.policies ?? process.env.POSTERN_POLICIES ?? 'policies',
      env: process.env,
      production: false,
      ownIssuer: 'http://127.0.0.1',
      demoHashes: () => undefined,
    })
    if (!loaded.ok) {
      for (const finding of loaded.findings) console.error(findingText(finding))
      return 1
    }
    const contracts = await loadContracts(CONTRACTS_DIR)
    const result = await replayLines(await linesOf(positionals), loaded.set, contracts)
    console.log(
      values.json
        ? JSON.stringify(toJson(result, loaded.set.revision), null, 2)
        : inWords(result, loaded.set.revision),
    )
    const refused = result.tally.rows().some(({ nowRefused }) => nowRefused.size > 0)
    return refused && values['fail-on-refusal'] ? 1 : 0
  },
}

/** All lines of the files, one after the other. */
async function linesOf(names: readonly string[]): Promise<AsyncIterable<string>> {
  const sizes = await Promise.all(names.map(name => (name === '-' ? 0 : sizeOf(name))))
  const progress = createProgress(
    sizes.reduce((sum, size) => sum + size, 0),
    'replaying',
  )
  let done = 0
  async function* lines(): AsyncGenerator<string> {
    for (const name of names) {
      const source: Readable = name === '-' ? process.stdin : createReadStream(name)
      source.on('data', chunk => {
        done += chunk.length
        progress.at(done)
      })
      const input = name.endsWith('.gz') ? source.pipe(createGunzip()) : source
      yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
    }
    progress.end()
  }
  return lines()
}

async function sizeOf(name: string): Promise<number> {
  const entry = await stat(name).catch(() => undefined)
  if (!entry?.isFile()) throw new UsageError(`${name} is not a file`)
  return entry.size
}

const toJson = ({ tally, ...counts }: Replayed, revision: string) => ({
  revision,
  ...counts,
  rows: tally.rows().map(row => ({
    ...row,
    nowRefused: Object.fromEntries(row.nowRefused),
    wouldRefuse: Object.fromEntries(row.wouldRefuse),
  })),
})

function inWords(result: Replayed, revision: string): string {
  const { tally, calls, notReplayed, garbage, sampled } = result
  const notes = [
    notReplayed && `${notReplayed} had been refused for their credentials or form: not replayed`,
    garbage && `${garbage} lines could not be read`,
    sampled < 1 &&
      `only ${sampled * 100} % of the successes are in the log: limits are met later than in truth`,
  ].filter(note => typeof note === 'string')
  const changed = tally.rows().filter(row => wordsOf(row).length > 0)
  return [
    ...changed.flatMap(row => [
      `${row.consumer}, ${row.operation}: ${row.calls} calls`,
      ...wordsOf(row).map(words => `  ${words}`),
      ...(row.examples.length ? [`  such as ${row.examples.join(', ')}`] : []),
    ]),
    ...(changed.length ? [''] : []),
    `${calls} calls under revision ${revision}: ${changed.length ? sums(changed) : 'nothing would be decided differently'}`,
    ...notes,
  ].join('\n')
}

const wordsOf = (row: Row): string[] => [
  ...[...row.nowRefused].map(([why, n]) => `${n} would be refused: ${why}`),
  ...(row.nowPassing ? [`${row.nowPassing} would pass that were refused`] : []),
  ...(row.nowSlowed ? [`${row.nowSlowed} would go to the ERP instead of the cache`] : []),
  ...(row.nowCached ? [`${row.nowCached} would come from the cache instead of the ERP`] : []),
  ...[...row.wouldRefuse].map(([why, n]) => `${n} would be counted as refused in shadow: ${why}`),
]

function sums(rows: readonly Row[]): string {
  const sum = (of: (row: Row) => number): number => rows.reduce((all, row) => all + of(row), 0)
  return [
    `${sum(row => total(row.nowRefused))} newly refused`,
    `${sum(row => row.nowPassing)} newly passing`,
    `${sum(row => row.nowSlowed)} slowed`,
    `${sum(row => row.nowCached)} newly cached`,
  ].join(', ')
}
