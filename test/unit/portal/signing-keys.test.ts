import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSigningKeys } from '../../../src/portal/signing-keys.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { TestClock } from '../../support/test-clock.ts'

const HOUR = 3_600_000
const policy = { algorithm: 'ES256', rotationOverlapSeconds: 3_600 } as const

const options = (directory: string, clock = new TestClock()) => ({
  directory,
  mayGenerate: true,
  policy,
  clock,
})

const kids = (keys: { jwks(): { keys: readonly object[] } }) =>
  keys.jwks().keys.map(key => (key as { kid: string }).kid)

const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' })

test('a development key is made once, for its owner only', async t => {
  const directory = join(await temporaryFolder(t), 'data', 'keys')
  const first = await openSigningKeys(options(directory))
  const again = await openSigningKeys(options(directory))
  assert.equal(again.active().kid, first.active().kid)
  const files = await readdir(directory)
  assert.deepEqual(files, ['2026-11-23T12-00-00-000Z.pem'])
  assert.equal((await stat(join(directory, String(files[0])))).mode & 0o777, 0o600)
  assert.equal((await stat(directory)).mode & 0o777, 0o700)
})

test('production makes no key, and says how to make one', async t => {
  const directory = await temporaryFolder(t)
  const production = { ...options(directory), mayGenerate: false }
  await assert.rejects(openSigningKeys(production), /no \*\.pem private key.*openssl genpkey/s)
  await assert.rejects(openSigningKeys({ ...production, directory: join(directory, 'none') }))
  await writeFile(join(directory, 'first.pem'), pem(ec()))
  const keys = await openSigningKeys(production)
  await assert.rejects(keys.rotate(), /from outside/)
  assert.equal(kids(keys).length, 1)
})

test('only public halves are published, under the thumbprint of the key', async t => {
  for (const algorithm of ['ES256', 'RS256'] as const) {
    const keys = await openSigningKeys({
      ...options(await temporaryFolder(t)),
      policy: { ...policy, algorithm },
    })
    const [jwk] = keys.jwks().keys as Record<string, unknown>[]
    const members =
      algorithm === 'ES256'
        ? ['kty', 'x', 'y', 'crv', 'kid', 'use', 'alg']
        : ['kty', 'n', 'e', 'kid', 'use', 'alg']
    assert.deepEqual(Object.keys(jwk ?? {}).sort(), members.sort())
    assert.equal(jwk?.alg, algorithm)
    assert.match(String(jwk?.kid), /^[A-Za-z0-9_-]{43}$/)
    assert.equal(keys.verificationKey(String(jwk?.kid))?.type, 'public')
  }
})

test("the thumbprint is RFC 7638's", async t => {
  const directory = await temporaryFolder(t)
  const key = ec()
  await writeFile(join(directory, 'key.pem'), pem(key))
  const keys = await openSigningKeys(options(directory))
  const { crv, kty, x, y } = key.export({ format: 'jwk' })
  const text = `{"crv":"${crv}","kty":"${kty}","x":"${x}","y":"${y}"}`
  const expected = createHash('sha256').update(text).digest('base64url')
  assert.equal(keys.active().kid, expected)
})

// Tokens live ten minutes: a rotation that ends them early logs every till out at once.
test('the replaced key verifies for the overlap and not a moment longer', async t => {
  const clock = new TestClock()
  const directory = await temporaryFolder(t)
  const keys = await openSigningKeys(options(directory, clock))
  const old = keys.active().kid
  await clock.advance(1_000)
  await keys.rotate()
  const fresh = keys.active().kid
  assert.notEqual(fresh, old)
  assert.deepEqual(kids(keys), [old, fresh])
  await clock.advance(HOUR - 1)
  assert.ok(keys.verificationKey(old))
  await clock.advance(1)
  assert.equal(keys.verificationKey(old), undefined)
  assert.deepEqual(kids(keys), [fresh])
  await keys.rotate()
  assert.equal((await readdir(directory)).length, 2, 'what has ended is removed')
})

test('a key for later is published at once and signs when its time has come', async t => {
  const clock = new TestClock()
  const keys = await openSigningKeys(options(await temporaryFolder(t), clock))
  const old = keys.active().kid
  await keys.rotate(clock.now() + HOUR)
  assert.equal(keys.active().kid, old)
  const [, next] = kids(keys)
  assert.ok(next !== undefined && keys.verificationKey(next))
  await clock.advance(HOUR)
  assert.equal(keys.active().kid, next)
  await clock.advance(HOUR - 1)
  assert.ok(keys.verificationKey(old), 'the overlap counts from the change, not from the file')
})

test('every process changes over at the same instant, whenever it has read the folder', async t => {
  const clock = new TestClock()
  const directory = await temporaryFolder(t)
  await writeFile(join(directory, 'first.pem'), pem(ec()))
  await writeFile(join(directory, '2026-11-23T18-00-00Z.pem'), pem(ec()))
  const early = await openSigningKeys(options(directory, clock))
  await clock.advance(6 * HOUR)
  const late = await openSigningKeys(options(directory, clock))
  assert.equal(early.active().kid, late.active().kid)
  assert.equal(early.active().kid, kids(early)[1])
})

test('a folder that has become unusable changes nothing', async t => {
  const directory = await temporaryFolder(t)
  const keys = await openSigningKeys(options(directory))
  const before = kids(keys)
  await writeFile(join(directory, '2027-01-01T00-00-00Z.pem'), 'not a key')
  await assert.rejects(keys.reload(), /2027-01-01T00-00-00Z\.pem is not a private key/)
  assert.deepEqual(kids(keys), before)
})

test('a key that does not suit is refused with its file', async t => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
  const cases = [
    ['RS256', rsa, /key\.pem: RS256 .* needs an RSA key of at least 2048 bits/],
    ['RS256', ec(), /RS256 .* needs an RSA key/],
    ['ES256', rsa, /ES256 .* needs a P-256 key/],
    ['ES256', curve, /ES256 .* needs a P-256 key/],
  ] as const
  for (const [algorithm, key, expected] of cases) {
    const directory = await temporaryFolder(t)
    await writeFile(join(directory, 'key.pem'), pem(key))
    const wanted = { ...options(directory), policy: { ...policy, algorithm } }
    await assert.rejects(openSigningKeys(wanted), expected)
  }
})

test('two keys that would sign from the same instant are refused', async t => {
  const directory = await temporaryFolder(t)
  await writeFile(join(directory, 'a.pem'), pem(ec()))
  await writeFile(join(directory, 'b.pem'), pem(ec()))
  await assert.rejects(openSigningKeys(options(directory)), /a\.pem and .*b\.pem would sign/)
})

test('a mounted secret may have other things beside the keys', async t => {
  const directory = await temporaryFolder(t)
  await mkdir(join(directory, '..data'))
  await writeFile(join(directory, 'quote.key'), 'x')
  await writeFile(join(directory, 'key.pem'), pem(ec()))
  assert.equal(kids(await openSigningKeys(options(directory))).length, 1)
})
