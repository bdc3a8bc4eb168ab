import assert from 'node:assert/strict'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadPolicySet } from '../../../src/composition/load-policy-set.ts'
import { compileJsonata, Unbounded } from '../../../src/connectors/declarative/jsonata-rows.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const ENDLESS = '($f := function($n) { $f($n + 1) }; $f(0))'
const DEEP = '($f := function($n) { 1 + $f($n + 1) }; $f(0))'

for (const [name, text] of [
  ['never ends', ENDLESS],
  ['recurses without end', DEEP],
  [
    'tries to unbind its own bounds',
    '($__evaluate_entry := 1; $f := function($n) { $f($n) }; $f(0))',
  ],
] as const) {
  // It runs in our process: one mapping must not stop every caller.
  test(`an expression that ${name} is stopped within a second`, async () => {
    const startedAt = performance.now()
    await assert.rejects(compileJsonata(text)({ a: 1 }), Unbounded)
    assert.ok(performance.now() - startedAt < 1000)
  })
}

test('an expression that ends gives its rows', async () => {
  const rows = await compileJsonata('$map([1..3], function($n) { { "n": $n } })')({})
  assert.deepEqual(JSON.parse(JSON.stringify(rows)), [{ n: 1 }, { n: 2 }, { n: 3 }])
})

test('a policy with an endless mapping is refused with its place, within a second', async t => {
  const directory = join(await temporaryFolder(t), 'policies')
  await cp('policies', directory, { recursive: true })
  const path = join(directory, 'erps/sandbox.yaml')
  const text = await readFile(path, 'utf8')
  const [before, after] = text.split('    pricing.readPrices:')
  const rest = after?.slice(after.indexOf('\n    orders.find:')) ?? ''
  const endless = `    pricing.readPrices:\n      method: GET\n      path: /x\n      jsonata: "${ENDLESS}"`
  await writeFile(path, `${before}${endless}${rest}`)
  const startedAt = performance.now()
  const { ok, findings } = await loadPolicySet({
    directory,
    env: {},
    production: false,
    ownIssuer: 'http://127.0.0.1',
    demoHashes: () => undefined,
  })
  assert.equal(ok, false)
  assert.ok(performance.now() - startedAt < 2000)
  const [found] = findings.filter(({ severity }) => severity === 'error')
  assert.match(
    found?.message ?? '',
    /calls\.pricing\.readPrices\.jsonata: .*takes longer than 500 ms/,
  )
  assert.equal(found?.place.file, 'policies/erps/sandbox.yaml')
  assert.ok((found?.place.line ?? 0) > 50)
})
