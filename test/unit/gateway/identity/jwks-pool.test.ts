import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createJwksPool } from '../../../../src/gateway/identity/jwks-pool.ts'
import { silentLogger } from '../../../../src/kernel/logger.ts'
import { HandSetClock } from '../../../support/hand-set-clock.ts'
import { TestClock } from '../../../support/test-clock.ts'
import {
  AUDIENCE,
  createVerifier,
  ecKey,
  FOREIGN,
  foreignIssuer,
  forge,
  honestClaims,
  identityPolicies,
  otherKey,
  ourKey,
  problem,
} from './support.ts'

type Answer = (req: IncomingMessage, res: ServerResponse) => void

const jwk = (key: KeyObject, kid: string, more: object = {}) => ({
  ...createPublicKey(key).export({ format: 'jwk' }),
  kid,
  use: 'sig',
  ...more,
})

const keySet =
  (...keys: object[]): Answer =>
  (_req, res) =>
    res.end(JSON.stringify({ keys }))

/** An issuer whose answer the test changes as it goes, and a gateway that trusts it. */
async function setUp(t: TestContext, first: Answer, policy = {}, clock = new TestClock()) {
  const issuer = { answer: first, fetches: 0 }
  const server = createServer((req, res) => {
    issuer.fetches++
    issuer.answer(req, res)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const jwksUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
  const tokenIssuers = [foreignIssuer({ jwksUri, ...policy })]
  const jwks = createJwksPool({ clock, logger: silentLogger, fetchTimeoutMs: 150 })
  const { bearer } = createVerifier({ clock, jwks, policies: identityPolicies({ tokenIssuers }) })
  let jti = 0
  /** Each one is new: what is remembered asks for no key. */
  const call = (kid: string, key: KeyObject = otherKey, header = {}, claims = {}) =>
    bearer(
      forge(
        { typ: 'at+jwt', alg: 'RS256', kid, ...header },
        { ...honestClaims(clock), iss: FOREIGN, aud: AUDIENCE, jti: String(jti++), ...claims },
        key,
      ),
    )
  return { issuer, clock, call }
}

const unknownKey = problem('invalid-token', /key that is not known/)

test("another issuer's token is good here, and its keys are fetched once", async t => {
  const { issuer, call } = await setUp(t, keySet(jwk(otherKey, 'a')))
  for (let i = 0; i < 5; i++) assert.equal((await call('a')).consumer.id, 'tester')
  assert.equal(issuer.fetches, 1)
})

test('the claim that names the consumer, the type and the tolerance are those of its policy', async t => {
  const policy = { consumerClaim: 'azp', types: ['JWT'], clockToleranceSeconds: 60 }
  const { call, clock } = await setUp(t, keySet(jwk(otherKey, 'a')), policy)
  const now = Math.floor(clock.now() / 1000)
  const claims = { azp: 'tester', client_id: undefined, jti: undefined, exp: now - 59 }
  const principal = await call('a', otherKey, { typ: 'JWT' }, claims)
  assert.equal(principal.expiresAt, (now + 1) * 1000)
  await assert.rejects(
    call('a', otherKey, { typ: 'JWT' }, { ...claims, exp: now - 60 }),
    problem('invalid-token', /expired/),
  )
  await assert.rejects(call('a', otherKey, {}, claims), problem('invalid-token', /type/))
})

test('one issuer cannot speak in the name of another', async t => {
  const { call } = await setUp(t, keySet(jwk(otherKey, 'a')))
  await assert.rejects(
    call('a', otherKey, {}, { iss: 'https://api.shop.example' }),
    problem('invalid-token', /key that is not known/),
  )
})

test('a key that appears later is found, once the cooldown has passed', async t => {
  const { issuer, clock, call } = await setUp(t, keySet(jwk(otherKey, 'a')))
  await call('a')
  issuer.answer = keySet(jwk(otherKey, 'a'), jwk(ourKey, 'b'))
  await assert.rejects(call('b', ourKey), unknownKey)
  await clock.advance(30_000)
  await call('b', ourKey)
  await call('a')
  assert.equal(issuer.fetches, 2)
})

// A thousand forged kids a second must not become a thousand calls to the company's identity provider.
test('a flood of unknown kids makes one fetch in a cooldown', async t => {
  const { issuer, clock, call } = await setUp(t, keySet(jwk(otherKey, 'a')))
  for (let wave = 1; wave <= 3; wave++) {
    const calls = Array.from({ length: 50 }, (_, i) => call(`unknown-${wave}-${i}`))
    for (const outcome of await Promise.allSettled(calls)) assert.equal(outcome.status, 'rejected')
    assert.equal(issuer.fetches, wave)
    await clock.advance(30_000)
  }
})

test('callers that need keys at the same time share one fetch', async t => {
  const { issuer, call } = await setUp(t, keySet(jwk(otherKey, 'a')))
  await Promise.all(Array.from({ length: 20 }, () => call('a')))
  assert.equal(issuer.fetches, 1)
})

test('keys are kept while the issuer is down, and asked for again when it is up', async t => {
  const { issuer, clock, call } = await setUp(t, keySet(jwk(otherKey, 'a')))
  await call('a')
  issuer.answer = (_req, res) => res.destroy()
  await clock.advance(3_600_000)
  for (let i = 0; i < 3; i++) await call('a')
  assert.equal(issuer.fetches, 2, 'one try in a cooldown')
  issuer.answer = keySet(jwk(ourKey, 'b'))
  await clock.advance(30_000)
  await assert.rejects(call('a'), unknownKey, 'a key that was withdrawn meanwhile is gone')
  await call('b', ourKey)
})

test('a withdrawn key is good no longer than the key set may be old', async t => {
  const { issuer, clock, call } = await setUp(t, keySet(jwk(otherKey, 'a')))
  await call('a')
  issuer.answer = keySet(jwk(ourKey, 'b'))
  await clock.advance(599_999)
  await call('a')
  await clock.advance(1)
  await assert.rejects(call('a'), unknownKey)
})

test('a clock that is set back does not stop the fetching', async t => {
  const clock = new HandSetClock()
  const { issuer, call } = await setUp(t, keySet(jwk(otherKey, 'a')), {}, clock)
  await call('a')
  issuer.answer = keySet(jwk(ourKey, 'b'))
  clock.setBy(-86_400_000)
  await clock.advance(30_000)
  await call('b', ourKey)
})

const failures: Record<string, Answer> = {
  'is down': (_req, res) => res.destroy(),
  'answers 500': (_req, res) => res.writeHead(500).end('{"keys":[]}'),
  'never answers': () => {},
  'never finishes': (_req, res) => res.write('{"keys":['),
  'answers garbage': (_req, res) => res.end('<html>'),
  'answers null': (_req, res) => res.end('null'),
  'answers no key set': (_req, res) => res.end('{"keys":{}}'),
  'answers without end': (_req, res) => {
    const more = () => {
      while (res.write('x'.repeat(65_536)));
    }
    res.on('drain', more)
    more()
  },
  redirects: (req, res) => {
    if (req.url === '/keys') res.writeHead(302, { Location: '/elsewhere' }).end()
    else keySet(jwk(otherKey, 'a'))(req, res)
  },
}

for (const [what, answer] of Object.entries(failures)) {
  test(`an issuer that ${what} makes 503, not 401, and is asked once in a cooldown`, async t => {
    const { issuer, clock, call } = await setUp(t, answer)
    const unreachable = problem('issuer-unreachable', / /)
    await assert.rejects(call('a'), unreachable)
    for (let i = 0; i < 10; i++) await assert.rejects(call('a'), unreachable)
    assert.equal(issuer.fetches, 1)
    issuer.answer = keySet(jwk(otherKey, 'a'))
    await clock.advance(30_000)
    await call('a')
  })
}

test('keys that cannot verify a signature are passed over, and harm none of the others', async t => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  const junk = [
    null,
    7,
    {},
    [],
    { kid: 'a' },
    { kid: 7, kty: 'RSA' },
    { kid: 'a', kty: 'RSA', n: 1 },
  ]
  const { call } = await setUp(
    t,
    keySet(
      ...(junk as object[]),
      { kid: 'secret', kty: 'oct', k: 'c2VjcmV0' },
      jwk(ecKey, 'a'),
      jwk(weak, 'weak'),
      jwk(otherKey, 'encryption', { use: 'enc' }),
      jwk(otherKey, 'other-alg', { alg: 'RS512' }),
      jwk(otherKey, 'a', { alg: 'RS256' }),
    ),
  )
  await call('a')
  await assert.rejects(call('weak', weak), unknownKey)
  await assert.rejects(call('encryption'), unknownKey)
  await assert.rejects(call('other-alg'), unknownKey)
  await assert.rejects(call('secret'), unknownKey)
})

test('elliptic curves and PSS verify where the policies allow them', async t => {
  const { call } = await setUp(t, keySet(jwk(ecKey, 'ec'), jwk(otherKey, 'rsa')), {
    algorithms: ['ES256', 'PS256'],
  })
  await call('ec', ecKey, { alg: 'ES256' })
  await call('rsa', otherKey, { alg: 'PS256' })
  await assert.rejects(call('rsa', otherKey), problem('invalid-token', /algorithm/))
  await assert.rejects(call('rsa', ecKey, { alg: 'ES256' }), unknownKey)
})
