import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startTestApp, type TestApp } from '../support/app.ts'
import { postern } from '../support/postern.ts'

const COMMENT = '# Ask before you change the plan: they pay for it.'

let app: TestApp
before(async () => {
  app = await startTestApp({
    edit: {
      'consumers/partner-acme.yaml': text =>
        `${text.replace(/# Made in.*\ncredentials: demo\n/, 'credentials: {}\n')}${COMMENT}\n`,
    },
  })
})
after(() => app.close())

const keys = async (...args: readonly string[]) => {
  const done = await postern(['keys', ...args, '--policies', app.policiesDir])
  assert.equal(done.status, 0, done.stderr)
  return done.stdout.trim()
}
const list = async () =>
  JSON.parse(await keys('list', 'partner-acme', '--json')) as { id: string; expires: string }[]
const isTaken = async (key: string): Promise<boolean> => {
  const reply = await fetch(`${app.publicUrl}/inventory/v1/stock/100001`, {
    headers: { 'x-api-key': key },
  })
  return reply.status !== 401
}
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 10_000
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, 'it does not come about')
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

test('a key is shown once, used at once, rotated with an overlap, and refused when it is revoked', async () => {
  const first = await keys('issue', 'partner-acme')
  assert.match(first, /^pstn_live_\w+$/)
  await until(() => isTaken(first))
  const file = join(app.policiesDir, 'consumers/partner-acme.yaml')
  const text = await readFile(file, 'utf8')
  assert.ok(!text.includes(first), 'the key itself is in the file')
  assert.ok(text.includes(COMMENT), 'a comment is gone')

  const second = await keys('rotate', 'partner-acme', '--overlap', '24h')
  await until(() => isTaken(second))
  assert.ok(await isTaken(first))
  const [old, current] = await list()
  assert.ok(old && current)
  assert.notEqual(old.expires, 'never')
  assert.equal(current.expires, 'never')

  await keys('revoke', 'partner-acme', old.id)
  await until(async () => !(await isTaken(first)))
  assert.ok(await isTaken(second))
})

test('what cannot be done is said, and nothing is written', async () => {
  const before = await list()
  for (const [args, message] of [
    [['issue', 'partner-acne'], /did you mean "partner-acme"/],
    [['issue', 'storefront-web'], /has demo credentials/],
    [['revoke', 'partner-acme', 'abcdef'], /has no credential/],
    [['rotate', 'partner-acme', '--overlap', 'soon'], /--overlap/],
  ] as const) {
    const done = await postern(['keys', ...args, '--policies', app.policiesDir])
    assert.equal(done.status, 2)
    assert.match(done.stderr, message)
  }
  assert.deepEqual(await list(), before)
})
