/**
 * How much of a bare server's rate is left when every call is governed.
 *
 * npm run bench [-- --short] [cached-read] [governed-miss] [erp] [orders]
 *
 * Variants alternate within one run, each server on a core of its own where the platform can pin;
 * what is printed is the ratio of medians. Results go to bench/results/ as JSON.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pinLoad } from './processes.ts'
import type { BenchSettings, Question, QuestionResult } from './question.ts'
import { cachedRead } from './questions/cached-read.ts'
import { erpQuestion, erpTable } from './questions/erp.ts'
import { governedMiss } from './questions/governed-miss.ts'
import { ordersQuestion, ordersReport } from './questions/orders.ts'

const QUESTIONS: Readonly<Record<string, Question>> = {
  'cached-read': cachedRead,
  'governed-miss': governedMiss,
}

const { values, positionals } = parseArgs({
  options: { short: { type: 'boolean', default: false }, out: { type: 'string' } },
  allowPositionals: true,
})
/** Take minutes, and say something else: only when asked for. Each prints what it found. */
const LONG_QUESTIONS: Readonly<
  Record<string, (settings: BenchSettings, isShort: boolean) => Promise<object>>
> = {
  erp: async (...how) => {
    const stretches = await erpQuestion(...how)
    console.log(erpTable(stretches))
    return stretches
  },
  orders: async (...how) => {
    const result = await ordersQuestion(...how)
    console.log(ordersReport(result))
    return result
  },
}
const asked = positionals.length ? positionals : Object.keys(QUESTIONS)
const known = [...Object.keys(QUESTIONS), ...Object.keys(LONG_QUESTIONS)]
const unknown = asked.filter(name => !known.includes(name))
if (unknown.length) {
  console.error(`no such question: ${unknown.join(', ')}; there are ${known.join(', ')}`)
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'))
// Before this process is confined to one of them.
const cores = availableParallelism()
const pinned = cores > 1 && pinLoad(0)
const settings = {
  folder,
  rounds: values.short ? 3 : 7,
  seconds: values.short ? 2 : 5,
  connections: 32,
  serverCpu: pinned ? 1 : undefined,
}
const results: Record<string, object> = {}
try {
  for (const name of asked) {
    const long = LONG_QUESTIONS[name]
    if (long) results[name] = await long(settings, values.short)
    const question = QUESTIONS[name]
    if (!question) continue
    const result = await question(settings)
    results[name] = result
    console.log(line(name, result))
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

const report = {
  at: new Date().toISOString(),
  node: process.version,
  machine: { cpu: cpus()[0]?.model, cores, pinned },
  ...settings,
  folder: undefined,
  results,
}
const out = values.out ?? join('bench', 'results', values.short ? 'local' : '.', 'latest.json')
mkdirSync(join(out, '..'), { recursive: true })
writeFileSync(out, `${JSON.stringify(report, null, 2)}\n`)
console.log(`written to ${out}`)

function line(name: string, { ratio, ratioSpread, governed, bare }: QuestionResult): string {
  return (
    `${name}: ${ratio.toFixed(3)} of bare (${Math.round(governed.rate)} against ` +
    `${Math.round(bare.rate)} answers/s, medians; ratios by round spread ${(ratioSpread * 100).toFixed(0)} %; ` +
    `p99 ${governed.p99Ms} against ${bare.p99Ms} ms)`
  )
}
