import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-tests-'))
  await cp('policies', join(folder, 'policies'), { recursive: true })
  await rm(join(folder, 'policies/tests'), { recursive: true })
  await cp('policies/tests', join(folder, 'policies/tests'), { recursive: true })
})
after(() => rm(folder, { recursive: true, force: true }))

function postern(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise(resolve => {
    execFile(process.execPath, ['src/cli.ts', ...args], (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err })
    })
  })
}

const withTests = async (yaml: string) => {
  await rm(join(folder, 'policies/tests'), { recursive: true, force: true })
  await cp('policies/tests', join(folder, 'policies/tests'), { recursive: true })
  await writeFile(join(folder, 'policies/tests/added.yaml'), yaml)
  return postern('test', join(folder, 'policies'))
}

test('the tests of the default policies hold', async () => {
  const { code, out } = await postern('test')
  assert.equal(code, 0, out)
  assert.match(out, /\d+ of \d+ operations tested/)
})

test('a decision that is not the expected one fails, with call, expectation, what came and its place', async () => {
  const { code, out } = await withTests(`tests:
  - name: the storefront sells wholesale
    as: storefront-web
    call: GET /inventory/v2/availability?sku=1&channel=b2b
    expect: passes
`)
  assert.equal(code, 1)
  assert.match(out, /FAIL {2}the storefront sells wholesale {2}\(policies\/tests\/added\.yaml:2\)/)
  assert.match(out, /came {6}refused by authorize \(channel-not-allowed\)/)
})

test('another stage or another code than expected is no success', async () => {
  const { out } = await withTests(`tests:
  - name: right stage, wrong code
    as: finance-hub
    call: GET /inventory/v2/availability?sku=1
    expect: { refusedBy: authorize, code: quota-exceeded }
  - name: nobody
    as: storefront-wep
    call: GET /inventory/v2/availability?sku=1
    expect: passes
`)
  assert.match(out, /FAIL {2}right stage, wrong code/)
  assert.match(
    out,
    /came {6}there is no consumer "storefront-wep", did you mean "storefront-web"\?/,
  )
})

test('a quota starts afresh at midnight in its own time zone, whatever the clock here says', async () => {
  const plans = join(folder, 'policies/plans.yaml')
  const text = await readFile(plans, 'utf8')
  await writeFile(plans, text.replace('units: 100000,', 'units: 3,'))
  const ask = `as: partner-acme
    call: GET /inventory/v2/availability?sku=1&channel=b2b
    before: [{ at: '2026-11-23T22:59:50Z', times: 3 }]`
  const { out } = await withTests(`tests:
  - name: used up before midnight in Berlin
    ${ask}
    at: '2026-11-23T22:59:59Z'
    expect: { refusedBy: throttle, code: quota-exceeded }
  - name: afresh at midnight in Berlin
    ${ask}
    at: '2026-11-23T23:00:00Z'
    expect: passes
`)
  await writeFile(plans, text)
  assert.match(out, /^ok {4}used up before midnight in Berlin$/m)
  assert.match(out, /^ok {4}afresh at midnight in Berlin$/m)
})

test('a broken test file is told with its place', async () => {
  const { code, err } = await withTests('tests:\n  - name: x\n    cal: GET /x\n')
  assert.equal(code, 1)
  assert.match(err, /policies\/tests\/added\.yaml:3:5 error unknown-key: .*did you mean "call"/)
})

test('--junit writes a report that CI shows, failures with their places', async () => {
  const path = join(folder, 'report.xml')
  await writeFile(
    join(folder, 'policies/tests/added.yaml'),
    'tests:\n  - { name: "<all> is well", as: finance-hub, call: GET /inventory/v1/stock/1, expect: passes }\n',
  )
  const { code } = await postern('test', join(folder, 'policies'), '--junit', path)
  assert.equal(code, 1)
  const report = await readFile(path, 'utf8')
  assert.match(report, /<testsuites tests="\d+" failures="1"/)
  assert.match(report, /name="&lt;all(>|&gt;) is well".*file="policies\/tests\/added\.yaml:2"/)
  assert.match(report, /expected passes, came refused by authorize \(insufficient-scope\)/)
})
