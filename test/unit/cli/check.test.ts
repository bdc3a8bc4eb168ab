import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const postern = (args: readonly string[], { cwd = '.', env = {} } = {}) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [resolve('bin/postern.mjs'), ...args],
    { cwd, env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' },
  )
  return { status, stdout, stderr }
}

test('a sound folder ends with 0 and its revision, from wherever it is asked', async t => {
  const elsewhere = await temporaryFolder(t)
  const { status, stdout } = postern(['check', resolve('policies')], { cwd: elsewhere })
  assert.match(stdout, /policies: fine, revision [0-9a-f]{12}, 0 errors, 0 warnings\n$/)
  assert.equal(status, 0)
})

test('a broken folder ends with 1 and every finding with its place, as text and as JSON', async t => {
  const directory = join(await temporaryFolder(t), 'policies')
  cpSync('policies', directory, { recursive: true })
  const plans = join(directory, 'plans.yaml')
  writeFileSync(plans, readFileSync(plans, 'utf8').replace('burst:', 'burts:'))
  const text = postern(['check', directory])
  assert.equal(text.status, 1)
  assert.match(
    text.stdout,
    /^policies\/plans\.yaml:5:30 error unknown-key: plans\.storefront\.rate\.burts: unknown key, did you mean "burst"\?$/m,
  )
  const json = postern(['check', '--json'], { env: { POSTERN_POLICIES: directory } })
  assert.equal(json.status, 1)
  const { ok, findings } = JSON.parse(json.stdout)
  assert.equal(ok, false)
  assert.deepEqual(findings.at(-1).place, { file: 'policies/plans.yaml', line: 5, column: 30 })
})

test('what production refuses is known before it is deployed', () => {
  const { status, stdout } = postern(['check', '--production'])
  assert.equal(status, 1)
  assert.match(stdout, /error demo-in-production: /)
})

test('what cannot be run ends with 2 and says how it can', () => {
  for (const args of [[], ['chekc'], ['check', '--jsn'], ['check', 'a', 'b'], ['toString']]) {
    const { status, stdout, stderr } = postern(args)
    assert.equal(status, 2, args.join(' '))
    assert.match(stderr, /usage: postern/)
    assert.equal(stdout, '')
  }
})
