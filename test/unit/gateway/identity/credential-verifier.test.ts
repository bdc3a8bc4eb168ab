import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import type { AccessToken } from '../../../../src/gateway/identity/access-token.ts'
import { generateApiKey, hashCredential } from '../../../../src/gateway/identity/api-key.ts'
import { createTokenMemory } from '../../../../src/gateway/identity/token-memory.ts'
import { Problem } from '../../../../src/kernel/problems.ts'
import type { SigningKeys } from '../../../../src/ports/signing-keys.ts'
import { PLACE, testConsumer } from '../../../support/exchanges.ts'
import { TestClock } from '../../../support/test-clock.ts'
import {
  createVerifier,
  forge,
  honestClaims,
  honestHeader,
  ISSUER,
  identityPolicies,
  ourKey,
  ownKeys,
  problem,
} from './support.ts'

const METADATA = `resource_metadata="${ISSUER}/.well-known/oauth-protected-resource"`

/** Keys that count how often somebody verifies. */
function countedKeys(): SigningKeys & { asked: number } {
  const keys = { ...ownKeys, asked: 0 }
  keys.verificationKey = () => {
    keys.asked++
    return createPublicKey(ourKey)
  }
  return keys
}

const honest = (clock: TestClock, changes = {}) =>
  forge(honestHeader, { ...honestClaims(clock), ...changes }, ourKey)

const challengeOf = (error: unknown): string => {
  assert.ok(error instanceof Problem)
  return error.options.headers?.['WWW-Authenticate'] ?? ''
}

test('a token once verified is known without waiting and without verifying again', async () => {
  const clock = new TestClock()
  const keys = countedKeys()
  const { identify, bearer } = createVerifier({ clock, keys })
  const token = honest(clock)
  const first = await bearer(token)
  const again = identify({ authorization: `Bearer ${token}` })
  assert.ok(!(again instanceof Promise), 'the governed cached read awaits nothing')
  assert.equal(again, first)
  assert.equal(keys.asked, 1)
})

test('a remembered token ends when it expires', async () => {
  const clock = new TestClock()
  const { identify, bearer } = createVerifier({ clock })
  const token = honest(clock)
  await bearer(token)
  await clock.advance(599_000)
  identify({ authorization: `Bearer ${token}` })
  await clock.advance(1_000)
  assert.throws(
    () => identify({ authorization: `Bearer ${token}` }),
    problem('invalid-token', /expired at 2026-11-23T12:10:00.000Z/),
  )
})

// Hot reload on a sale day: a thousand tokens must not all be verified again at once.
test('a new policy set re-reads what a token may do, and does not verify it again', async () => {
  const clock = new TestClock()
  const keys = countedKeys()
  const verified = createTokenMemory<AccessToken>(100)
  const token = honest(clock, { scope: 'inventory:read pricing:read' })
  const before = createVerifier({ clock, keys, verified })
  assert.deepEqual([...(await before.bearer(token)).scopes], ['inventory:read'])
  const consumer = testConsumer({ scopes: new Set(['pricing:read']) })
  const policies = identityPolicies({ consumers: [consumer] })
  const after = createVerifier({ clock, keys, verified, policies })
  const principal = after.identify({ authorization: `Bearer ${token}` })
  assert.ok(!(principal instanceof Promise))
  assert.deepEqual([...principal.scopes], ['pricing:read'])
  assert.equal(principal.consumer, consumer)
  assert.equal(keys.asked, 1)
})

test('a consumer that the policies dropped is gone at once, its tokens remembered or not', async () => {
  const clock = new TestClock()
  const verified = createTokenMemory<AccessToken>(100)
  const token = honest(clock)
  await createVerifier({ clock, verified }).bearer(token)
  const policies = identityPolicies({
    consumers: [testConsumer({ id: 'other', clientId: 'other' })],
  })
  const { identify, bearer } = createVerifier({ clock, verified, policies })
  const unknown = problem('invalid-token', /consumer that is not known/)
  assert.throws(() => identify({ authorization: `Bearer ${token}` }), unknown)
  await assert.rejects(bearer(honest(clock, { jti: 'two' })), unknown)
})

test('a token that was verified under other rules is verified anew', async () => {
  const clock = new TestClock()
  const verified = createTokenMemory<AccessToken>(100)
  const token = honest(clock)
  await createVerifier({ clock, verified }).bearer(token)
  const policies = identityPolicies({ audience: 'https://new.example' })
  const { bearer } = createVerifier({ clock, verified, policies })
  await assert.rejects(bearer(token), problem('invalid-token', /another audience/))
})

test('a refused token is not remembered', async () => {
  const clock = new TestClock()
  const verified = createTokenMemory<AccessToken>(100)
  const { bearer } = createVerifier({ clock, verified })
  for (let i = 0; i < 20; i++) await assert.rejects(bearer(`junk.${i}.x`), Problem)
  assert.equal(verified.size, 0)
})

test('without credentials the challenge names no error, and where to learn more', () => {
  const { identify } = createVerifier({ clock: new TestClock() })
  assert.throws(
    () => identify({}),
    error => {
      assert.ok(problem('unauthenticated', / /)(error))
      assert.equal(challengeOf(error), `Bearer realm="postern", ${METADATA}`)
      return true
    },
  )
})

test('a bad token gets a challenge that says what is wrong with it', async () => {
  const { bearer } = createVerifier({ clock: new TestClock() })
  await assert.rejects(bearer('junk'), error => {
    assert.equal(
      challengeOf(error),
      'Bearer realm="postern", error="invalid_token", ' +
        `error_description="The token is not a signed JWT.", ${METADATA}`,
    )
    return true
  })
})

test('another scheme is no credential here', () => {
  const { identify } = createVerifier({ clock: new TestClock() })
  for (const authorization of ['Basic dTpw', 'Digest x', 'x', '', 'Bearerabc']) {
    assert.throws(() => identify({ authorization }), problem('unauthenticated', /Bearer/))
  }
})

test('the scheme may be written in any case', async () => {
  const clock = new TestClock()
  const { identify } = createVerifier({ clock })
  await identify({ authorization: `bearer ${honest(clock)}` })
  await identify({ authorization: `BEARER   ${honest(clock)}` })
})

// Whatever stands in front of us may have judged the other one.
test('two credentials are refused, whichever is good', async () => {
  const clock = new TestClock()
  const { identify } = createVerifier({ clock })
  const authorization = `Bearer ${honest(clock)}`
  await identify({ authorization })
  assert.throws(
    () => identify({ authorization, 'x-api-key': generateApiKey('test') }),
    problem('invalid-request'),
  )
  const doubled = `${authorization}, Bearer other`
  assert.throws(() => identify({ authorization: doubled }), problem('invalid-request'))
})

const withKey = (key: string, expiresAt?: number) => {
  const apiKeyHashes = [{ at: PLACE, hash: hashCredential(key), expiresAt }]
  return identityPolicies({ consumers: [testConsumer({ apiKeyHashes })] })
}

test('an API key says who calls, with all that the consumer may', () => {
  const key = generateApiKey('test')
  const { identify } = createVerifier({ clock: new TestClock(), policies: withKey(key) })
  const principal = identify({ 'x-api-key': key })
  assert.ok(!(principal instanceof Promise))
  assert.equal(principal.credential, 'api-key')
  assert.equal(principal.consumer.id, 'tester')
  assert.deepEqual([...principal.scopes], ['inventory:read'])
})

test('an API key ends when the policies say so', async () => {
  const clock = new TestClock()
  const key = generateApiKey('test')
  const policies = withKey(key, clock.now() + 1_000)
  const { identify } = createVerifier({ clock, policies })
  await clock.advance(999)
  identify({ 'x-api-key': key })
  await clock.advance(1)
  assert.throws(
    () => identify({ 'x-api-key': key }),
    problem('invalid-api-key', /expired at 2026-11-23T12:00:01.000Z/),
  )
})

test('a key that is mistyped, unknown or sent twice is refused, and never repeated', () => {
  const key = generateApiKey('test')
  const { identify } = createVerifier({ clock: new TestClock(), policies: withKey(key) })
  const other = generateApiKey('test')
  const refused = (given: string, detail: RegExp) =>
    assert.throws(
      () => identify({ 'x-api-key': given }),
      error => {
        assert.ok(problem('invalid-api-key', detail)(error))
        assert.doesNotMatch(JSON.stringify((error as Problem).options), /pstn_|error=/)
        return true
      },
    )
  refused(other, /not known/)
  refused(`${key.slice(0, -1)}-`, /mistyped/)
  refused(`${key}, ${key}`, /mistyped/)
  refused('', /mistyped/)
  refused('x'.repeat(100_000), /mistyped/)
})
