import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import jwt from 'jsonwebtoken'
import { hashCredential } from '../../../src/gateway/identity/api-key.ts'
import { createCredentialVerifier } from '../../../src/gateway/identity/credential-verifier.ts'
import { createTokenMemory } from '../../../src/gateway/identity/token-memory.ts'
import { silentLogger } from '../../../src/kernel/logger.ts'
import { openSigningKeys } from '../../../src/portal/signing-keys.ts'
import { tokenEndpoint } from '../../../src/portal/token-endpoint.ts'
import { PLACE, testConsumer } from '../../support/exchanges.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { TestClock } from '../../support/test-clock.ts'
import { ISSUER, portalPolicies, serve } from './support.ts'

const SECRET = 'correct:horse+battery%staple'

async function setUp(t: TestContext) {
  const clock = new TestClock()
  const secret = (text: string, expiresAt?: number) => ({
    at: PLACE,
    hash: hashCredential(text),
    expiresAt,
  })
  const consumer = testConsumer({
    scopes: new Set(['inventory:read', 'pricing:read']),
    clientSecretHashes: [secret('previous', clock.now() + 60_000), secret(SECRET)],
  })
  const other = testConsumer({
    id: 'other',
    clientId: 'other',
    clientSecretHashes: [secret('others')],
  })
  const state = { policies: portalPolicies([consumer, other]) }
  const policies = () => state.policies
  const keys = await openSigningKeys({
    directory: await temporaryFolder(t),
    mayGenerate: true,
    policy: state.policies.gateway.ownIssuer,
    clock,
  })
  const url = await serve(t, tokenEndpoint({ policies, keys, clock, logger: silentLogger }))
  const post = async (
    form: string | Record<string, string>,
    headers: Record<string, string> = {},
  ) => {
    const body = typeof form === 'string' ? form : new URLSearchParams(form).toString()
    const res = await fetch(`${url}/oauth/token`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    })
    const json = (await res.json()) as Record<string, string>
    assert.equal(res.headers.get('cache-control'), 'no-store')
    assert.equal(res.headers.get('pragma'), 'no-cache')
    return { status: res.status, headers: res.headers, json }
  }
  return { clock, keys, policies, post, state, url }
}

type Post = Awaited<ReturnType<typeof setUp>>['post']

const basic = (id: string, secret: string) => {
  const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+')
  return { Authorization: `Basic ${btoa(`${encode(id)}:${encode(secret)}`)}` }
}
const GRANT = { grant_type: 'client_credentials' }
const inForm = { ...GRANT, client_id: 'tester', client_secret: SECRET }

async function refuses(
  answer: ReturnType<Post>,
  status: number,
  error: string,
  description = /./,
): Promise<void> {
  const { status: given, json, headers } = await answer
  assert.deepEqual([given, json.error], [status, error], json.error_description)
  assert.match(json.error_description ?? '', description)
  assert.match(json.error_description ?? '', /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/)
  assert.equal(json.access_token, undefined)
  assert.equal(headers.has('www-authenticate'), status === 401)
}

test('a client gets a token that the gateway takes, by either method', async t => {
  const { post, keys, policies, clock } = await setUp(t)
  const { identify } = createCredentialVerifier({
    policies: policies(),
    ownKeys: keys,
    jwks: { keyFor: () => assert.fail('our own keys are not fetched') },
    verified: createTokenMemory(10),
    clock,
  })
  for (const answer of [await post(GRANT, basic('tester', SECRET)), await post(inForm)]) {
    assert.equal(answer.status, 200)
    const { access_token: token = '', ...rest } = answer.json
    assert.deepEqual(rest, {
      token_type: 'Bearer',
      expires_in: 600,
      scope: 'inventory:read pricing:read',
    })
    const principal = await identify({ authorization: `Bearer ${token}` })
    assert.equal(principal.consumer.id, 'tester')
    assert.deepEqual([...principal.scopes], ['inventory:read', 'pricing:read'])
  }
})

test('a token says all that RFC 9068 wants, and is never the same twice', async t => {
  const { post, keys, clock } = await setUp(t)
  const tokens = [await post(inForm), await post(inForm)].map(({ json }) =>
    jwt.decode(json.access_token ?? '', { complete: true }),
  )
  const [first, second] = tokens.map(token => token?.payload as jwt.JwtPayload)
  const now = clock.now() / 1000
  assert.deepEqual(tokens[0]?.header, { alg: 'ES256', typ: 'at+jwt', kid: keys.active().kid })
  const { jti, ...claims } = first ?? {}
  assert.deepEqual(claims, {
    iss: ISSUER,
    aud: 'https://retail.example',
    sub: 'tester',
    client_id: 'tester',
    iat: now,
    exp: now + 600,
    scope: 'inventory:read pricing:read',
  })
  assert.ok(jti && jti !== second?.jti)
})

test('tokens issued before a rotation are good after it', async t => {
  const { post, keys, policies, clock } = await setUp(t)
  const before = (await post(inForm)).json.access_token
  await clock.advance(1_000)
  await keys.rotate()
  const after = (await post(inForm)).json.access_token
  const { identify } = createCredentialVerifier({
    policies: policies(),
    ownKeys: keys,
    jwks: { keyFor: () => assert.fail('our own keys are not fetched') },
    verified: createTokenMemory(10),
    clock,
  })
  for (const token of [before, after]) await identify({ authorization: `Bearer ${token}` })
})

test('a client may ask for less than it has, and not for more', async t => {
  const { post } = await setUp(t)
  const ask = (scope: string) => post({ ...inForm, scope })
  assert.equal((await ask('pricing:read')).json.scope, 'pricing:read')
  assert.equal((await ask('pricing:read pricing:read')).json.scope, 'pricing:read')
  assert.equal((await ask('')).json.scope, 'inventory:read pricing:read')
  await refuses(ask('pricing:read orders:write'), 400, 'invalid_scope', /orders:write/)
  for (const malformed of [' ', 'a  b', ' a', 'a"b', 'a\\b', 'a\tb', 'é', 'a\u0000']) {
    await refuses(ask(malformed), 400, 'invalid_scope', /malformed/)
  }
})

test('a wrong client gets 401 and the scheme to use, whatever is wrong', async t => {
  const { post } = await setUp(t)
  const wrong = [
    post(GRANT),
    post(GRANT, basic('tester', 'wrong')),
    post(GRANT, basic('tester', '')),
    post(GRANT, basic('nobody', SECRET)),
    post(GRANT, basic('__proto__', SECRET)),
    post(GRANT, basic('tester', 'others')),
    post(GRANT, { Authorization: `Basic ${btoa(`tester:${SECRET}%`)}` }),
    post(GRANT, { Authorization: `Basic ${btoa('tester')}` }),
    post(GRANT, { Authorization: 'Basic ###' }),
    post(GRANT, { Authorization: 'Basic' }),
    post(GRANT, { Authorization: 'Bearer abc' }),
    post({ ...GRANT, client_id: 'tester' }),
    post({ ...GRANT, client_secret: SECRET }),
    post({ ...inForm, client_secret: '' }),
    post({ ...inForm, client_id: 'TESTER' }),
  ]
  for (const answer of wrong) {
    await refuses(answer, 401, 'invalid_client')
    assert.match((await answer).headers.get('www-authenticate') ?? '', /^Basic realm="postern"/)
  }
})

test('nobody learns from the answer whether there is such a client', async t => {
  const { post } = await setUp(t)
  const [known, unknown] = [
    await post(GRANT, basic('tester', 'wrong')),
    await post(GRANT, basic('nobody', 'wrong')),
  ]
  assert.deepEqual(known.json, unknown.json)
})

test('an old secret works until it expires, and a new one beside it', async t => {
  const { post, clock } = await setUp(t)
  const old = { ...inForm, client_secret: 'previous' }
  assert.equal((await post(old)).status, 200)
  await clock.advance(60_000)
  await refuses(post(old), 401, 'invalid_client', /expired/)
  assert.equal((await post(inForm)).status, 200)
})

test('a client that the policies dropped gets no further token', async t => {
  const { post, state } = await setUp(t)
  assert.equal((await post(inForm)).status, 200)
  state.policies = portalPolicies([])
  await refuses(post(inForm), 401, 'invalid_client')
})

test('two ways of sending a secret are one too many', async t => {
  const { post } = await setUp(t)
  await refuses(post(inForm, basic('tester', SECRET)), 400, 'invalid_request', /once/)
  await refuses(
    post({ ...GRANT, client_id: 'other' }, basic('tester', SECRET)),
    400,
    'invalid_request',
    /differs/,
  )
  const same = await post({ ...GRANT, client_id: 'tester' }, basic('tester', SECRET))
  assert.equal(same.status, 200)
})

test('a request that is not the one of RFC 6749 is refused by name', async t => {
  const { post, url } = await setUp(t)
  const authorization = basic('tester', SECRET)
  const form = new URLSearchParams(inForm).toString()
  await refuses(post({}, authorization), 400, 'invalid_request', /grant_type/)
  await refuses(post({ grant_type: '' }, authorization), 400, 'invalid_request', /grant_type/)
  await refuses(
    post({ grant_type: 'password' }, authorization),
    400,
    'unsupported_grant_type',
    /client_credentials/,
  )
  await refuses(post(`${form}&scope=a&scope=b`), 400, 'invalid_request', /twice/)
  await refuses(post(`${form}&grant_type=client_credentials`), 400, 'invalid_request', /twice/)
  await refuses(
    post(JSON.stringify(inForm), { 'Content-Type': 'application/json' }),
    400,
    'invalid_request',
    /form/,
  )
  await refuses(post(form, { 'Content-Encoding': 'gzip' }), 400, 'invalid_request')
  await refuses(post(`${form}&x=${'x'.repeat(8_192)}`), 413, 'invalid_request', /8192/)
  assert.equal((await post(`${form}&unknown=1&%zz=%`)).status, 200, 'what is unknown is ignored')
  const get = await fetch(`${url}/oauth/token?${form}`)
  assert.equal(get.status, 405)
  assert.equal(get.headers.get('allow'), 'POST')
})

test('guessing is slowed down, for the client and address that guess, and for no other', async t => {
  const { post } = await setUp(t)
  for (let i = 0; i < 20; i++) {
    await refuses(post(GRANT, basic('tester', `guess${i}`)), 401, 'invalid_client')
  }
  const tooMany = post(inForm)
  await refuses(tooMany, 429, 'temporarily_unavailable')
  assert.match((await tooMany).headers.get('retry-after') ?? '', /^[1-9]\d?$/)
  assert.equal((await post(GRANT, basic('other', 'others'))).status, 200)
  await refuses(post(GRANT, basic('nobody', 'x')), 401, 'invalid_client')
})

// Monday, eight o'clock: every till of a store asks at the same moment, from one address.
test('clients with the right secret never refuse each other', async t => {
  const { post } = await setUp(t)
  const answers = await Promise.all(Array.from({ length: 60 }, () => post(inForm)))
  for (const { status } of answers) assert.equal(status, 200)
})

test('what goes wrong inside is not told', async t => {
  const { post, state } = await setUp(t)
  state.policies = new Proxy(state.policies, {
    get: () => {
      throw new Error('secret detail')
    },
  })
  await refuses(post(inForm), 500, 'server_error', /^something went wrong on our side$/)
})
