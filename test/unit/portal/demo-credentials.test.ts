import assert from 'node:assert/strict'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { hashCredential, isWellFormedApiKey } from '../../../src/gateway/identity/api-key.ts'
import { demoHashesOf, loadOrCreateDemoCredentials } from '../../../src/portal/demo-credentials.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

test('what somebody pasted yesterday works today, and a new consumer gets its own', async t => {
  const dataDir = join(await temporaryFolder(t), 'data')
  const first = await loadOrCreateDemoCredentials(dataDir, ['storefront-web'])
  const again = await loadOrCreateDemoCredentials(dataDir, ['storefront-web'])
  assert.deepEqual(again, first)
  const more = await loadOrCreateDemoCredentials(dataDir, ['storefront-web', 'partner-acme'])
  assert.deepEqual(more.clients['storefront-web'], first.clients['storefront-web'])
  const { clientId, clientSecret = '', apiKey = '' } = more.clients['partner-acme'] ?? {}
  assert.equal(clientId, 'partner-acme')
  assert.match(clientSecret, /^[0-9A-Za-z]{43}$/)
  assert.ok(isWellFormedApiKey(apiKey))
})

test('the file is for its owner only, and nothing half-written stays beside it', async t => {
  const dataDir = await temporaryFolder(t)
  const made = await loadOrCreateDemoCredentials(dataDir, ['a', 'b'])
  const path = join(dataDir, 'demo.json')
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), made)
  assert.deepEqual(await readdir(dataDir), ['demo.json'])
})

test('a file that is not ours is left alone, and the error says what to do', async t => {
  for (const text of ['', '{', '{}', 'null', '{"clients":{"a":{"clientId":"a"}}}']) {
    const dataDir = await temporaryFolder(t)
    const path = join(dataDir, 'demo.json')
    await writeFile(path, text)
    await assert.rejects(loadOrCreateDemoCredentials(dataDir, ['a']), /demo\.json.*remove it/)
    assert.equal(await readFile(path, 'utf8'), text)
  }
})

test('the policies learn hashes only', async t => {
  const made = await loadOrCreateDemoCredentials(await temporaryFolder(t), ['a'])
  const hashes = demoHashesOf(made)
  assert.deepEqual(hashes('a'), {
    clientSecretHash: hashCredential(made.clients.a?.clientSecret ?? ''),
    apiKeyHash: hashCredential(made.clients.a?.apiKey ?? ''),
  })
  assert.equal(hashes('nobody'), undefined)
  assert.equal(hashes('constructor'), undefined)
})
