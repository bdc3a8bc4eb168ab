/**
 * Runs every test file, each in a process of its own, and says at the end which services were
 * missing, so that nobody takes a skipped suite for a passed one.
 *
 * `REQUIRE_SERVICES=1` (continuous integration) turns every skip into a failure.
 */
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

const patterns = process.argv.slice(2)
const files = globSync(patterns.length ? patterns : ['test/**/*.test.ts']).sort()
if (files.length === 0) {
  console.error('no test file matches')
  process.exit(2)
}

const skips: string[] = []
let failed = 0
let passed = 0
const stream = run({ files, concurrency: Math.max(2, availableParallelism()), timeout: 240_000 })
stream.on('test:pass', event => {
  if (event.details.type === 'suite') return
  if (event.skip === undefined) passed++
  else skips.push(`${event.name}${typeof event.skip === 'string' ? `: ${event.skip}` : ''}`)
})
stream.on('test:fail', event => {
  if (event.details.type !== 'suite') failed++
})
stream.compose(new spec()).pipe(process.stdout)
stream.once('close', report)
stream.once('end', report)

let reported = false
function report() {
  if (reported) return
  reported = true
  process.once('beforeExit', () => {
    if (skips.length) {
      console.log('\nSkipped for want of a service:')
      for (const skip of skips) console.log(`  - ${skip}`)
    }
    console.log(`\n${passed} passed, ${failed} failed, ${skips.length} skipped`)
    const intolerable = process.env.REQUIRE_SERVICES === '1' && skips.length > 0
    process.exitCode = failed > 0 || passed === 0 || intolerable ? 1 : 0
  })
}
