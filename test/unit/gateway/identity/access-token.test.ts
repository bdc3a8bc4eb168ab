import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '../../../../src/kernel/problems.ts'
import { TestClock } from '../../../support/test-clock.ts'
import {
  type Claims,
  createVerifier,
  ecKey,
  forge,
  honestClaims,
  honestHeader,
  ISSUER,
  identityPolicies,
  KID,
  otherKey,
  ourKey,
  problem,
} from './support.ts'

// One forged token that gets through is somebody else's prices, orders and refunds.

const clock = new TestClock()
const claims = (changes: Claims = {}): Claims => ({ ...honestClaims(clock), ...changes })
const token = (changes: Claims = {}, header: Claims = {}, key = ourKey) =>
  forge({ ...honestHeader, ...header }, claims(changes), key)
const without = (name: string): Claims => {
  const { [name]: _, ...rest } = claims()
  return rest
}

const refuses = async (forged: string, detail: RegExp): Promise<void> => {
  const { bearer } = createVerifier({ clock })
  await assert.rejects(bearer(forged), problem('invalid-token', detail))
}

test('an honest token says who calls and what it may', async () => {
  const { bearer } = createVerifier({ clock })
  const principal = await bearer(token({ scope: 'inventory:read orders:write' }))
  assert.equal(principal.consumer.id, 'tester')
  assert.deepEqual([...principal.scopes], ['inventory:read'], 'never more than the consumer has')
  assert.equal(principal.credential, 'token')
  assert.equal(principal.expiresAt, clock.now() + 600_000)
})

test('a token without scopes may nothing, whatever the consumer may', async () => {
  const { bearer } = createVerifier({ clock })
  assert.equal((await bearer(token({ scope: undefined }))).scopes.size, 0)
})

test('application/at+jwt is the same type as at+jwt', async () => {
  const { bearer } = createVerifier({ clock })
  for (const typ of ['application/at+jwt', 'AT+JWT']) await bearer(token({}, { typ }))
})

test('one audience of several is enough', async () => {
  const { bearer } = createVerifier({ clock })
  await bearer(token({ aud: ['https://other.example', String(claims().aud)] }))
})

test('an unsigned token is refused, however "none" is written', async () => {
  for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
    await refuses(forge({ ...honestHeader, alg }, claims(), ourKey), /not a signed JWT/)
  }
  const [header, payload] = token().split('.')
  await refuses(`${header}.${payload}.`, /not a signed JWT/)
  await refuses(`${header}.${payload}`, /not a signed JWT/)
  await refuses(forge({ ...honestHeader, alg: 'none' }, claims(), ourKey).concat('AA'), /algorithm/)
})

test('our public key is no HMAC secret', async () => {
  const publicKey = createPublicKey(ourKey)
  for (const format of ['spki', 'pkcs1'] as const) {
    const pem = publicKey.export({ type: format, format: 'pem' }).toString()
    for (const secret of [pem, pem.trim()]) {
      await refuses(forge({ ...honestHeader, alg: 'HS256' }, claims(), secret), /algorithm/)
    }
  }
})

test('the algorithm is the one of the policies, even when the key could do another', async () => {
  for (const alg of ['RS384', 'RS512', 'PS256']) await refuses(token({}, { alg }), /algorithm/)
  await refuses(token({}, { alg: 'ES256' }, ecKey), /algorithm/)
})

test('an accepted algorithm with a key of another kind is refused', async () => {
  const policies = identityPolicies({ algorithm: 'ES256' })
  const { bearer } = createVerifier({ clock, policies })
  const forged = forge({ ...honestHeader, alg: 'ES256' }, claims(), ecKey)
  await assert.rejects(bearer(forged), problem('invalid-token'))
})

test('another key signs nothing in our name', async () => {
  await refuses(token({}, {}, otherKey), /signature/)
})

test('keys and addresses that a token brings along are not looked at', async () => {
  const jwk = createPublicKey(otherKey).export({ format: 'jwk' })
  await refuses(token({}, { jwk }, otherKey), /signature/)
  await refuses(token({}, { jwk, kid: 'mine' }, otherKey), /key that is not known/)
  await refuses(token({}, { jku: 'http://127.0.0.1:1/keys' }, otherKey), /signature/)
  await refuses(token({}, { x5u: 'http://127.0.0.1:1/cert', x5c: ['AA'] }, otherKey), /signature/)
})

test('a critical header is refused, understood or not', async () => {
  await refuses(token({}, { crit: ['exp'] }), /critical/)
  await refuses(token({}, { crit: [] }), /critical/)
})

test('a token for or from somebody else is refused', async () => {
  await refuses(token({ iss: 'https://evil.example' }), /issuer/)
  await refuses(token({ iss: `${ISSUER}/` }), /issuer/)
  await refuses(token({ iss: [ISSUER] }), /issuer/)
  await refuses(token({ iss: undefined }), /issuer/)
  await refuses(token({ aud: 'https://other.example' }), /audience/)
  await refuses(token({ aud: [] }), /audience/)
  await refuses(token({ aud: undefined }), /audience/)
})

test('an id token, or any other kind of JWT, is no access token', async () => {
  for (const typ of ['JWT', 'jwt', 'id+jwt', 'logout+jwt', '', 7, null, undefined]) {
    await refuses(token({}, { typ }), /type of an access token/)
  }
})

test('a token is good from nbf until exp, to the second', async () => {
  const now = Math.floor(clock.now() / 1000)
  const { bearer } = createVerifier({ clock })
  await bearer(token({ exp: now + 1, nbf: now }))
  await refuses(token({ exp: now }), /expired at 2026-11-23T12:00:00.000Z/)
  await refuses(token({ nbf: now + 1 }), /not valid before 2026-11-23T12:00:01.000Z/)
})

test('times that are no times are refused, and never break the answer', async () => {
  for (const exp of [undefined, null, '9999999999', true, 1e300, -1e300, 8.65e12, {}, []]) {
    await refuses(token({ exp }), /./)
  }
  await refuses(
    forge(honestHeader, JSON.stringify(claims()).replace(/"exp":\d+/, '"exp":1e999'), ourKey),
    /./,
  )
  for (const nbf of [null, 'soon', 1e300]) await refuses(token({ nbf }), /./)
})

test('every claim that RFC 9068 requires must be there', async () => {
  for (const name of ['sub', 'client_id', 'iat', 'jti']) {
    await refuses(forge(honestHeader, without(name), ourKey), new RegExp(name))
  }
  for (const client of ['', 7, null, ['tester'], { toString: 'tester' }]) {
    await refuses(token({ client_id: client }), /client_id/)
  }
})

test('a hostile kid opens nothing and costs nothing', async () => {
  const kids = [
    '../../etc/passwd',
    "' OR 1=1 --",
    'http://127.0.0.1:1/key',
    '__proto__',
    'constructor',
    `${KID}\0`,
    'x'.repeat(256),
  ]
  for (const kid of kids) await refuses(token({}, { kid }), /key/)
  for (const kid of [undefined, null, '', 7, [KID], {}, 'x'.repeat(257), `${KID} `, 'clé']) {
    await refuses(token({}, { kid }), /does not name the key/)
  }
})

test('a token of a megabyte is refused before anybody reads it', async () => {
  await refuses(token({}, { kid: 'x'.repeat(1_000_000) }), /too long/)
  await refuses('a'.repeat(8193), /too long/)
})

test('JSON that is no object is refused', async () => {
  for (const payload of ['null', '[]', '7', '"text"', 'true', '{', '']) {
    await refuses(forge(honestHeader, payload || ' ', ourKey), /not a signed JWT/)
    await refuses(
      forge({ ...honestHeader, typ: 'JWT' }, payload || ' ', ourKey),
      /not a signed JWT/,
    )
  }
  const [, payload, signature] = token().split('.')
  for (const header of ['null', '[]', '7', '{']) {
    const text = Buffer.from(header).toString('base64url')
    await refuses(`${text}.${payload}.${signature}`, /not a signed JWT/)
  }
})

test('a token cut anywhere is refused', async () => {
  const whole = token()
  for (let length = 0; length < whole.length; length += 7) {
    const { bearer } = createVerifier({ clock })
    await assert.rejects(bearer(whole.slice(0, length)), Problem)
  }
})

// Base64url has bits that carry nothing: without care, four spellings of one signature all verify.
test('a token with any one character changed is refused', async () => {
  const whole = token()
  const { bearer } = createVerifier({ clock })
  const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ '
  const place = fc.oneof(
    fc.nat(whole.length - 1),
    fc.constantFrom(whole.length - 1, whole.length - 2),
  )
  await fc.assert(
    fc.asyncProperty(place, fc.constantFrom(...characters), async (at, character) => {
      fc.pre(whole[at] !== character && !(character === ' ' && at === whole.length - 1))
      const changed = whole.slice(0, at) + character + whole.slice(at + 1)
      await assert.rejects(bearer(changed), Problem)
    }),
    { numRuns: 400 },
  )
})

test('no text at all is taken for a token, and none breaks the answer', async () => {
  const { bearer } = createVerifier({ clock })
  const part = fc.string({ unit: 'binary', maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 5 }), async parts => {
      await assert.rejects(bearer(parts.join('.')), Problem)
    }),
  )
})

test('a refusal repeats nothing of the token', async () => {
  const { bearer } = createVerifier({ clock })
  const forged = token({ iss: 'https://secret.example', jti: 'secret' }, { kid: 'secret-kid' })
  await assert.rejects(bearer(forged), error => {
    assert.ok(error instanceof Problem)
    const shown = JSON.stringify([error.options.detail, error.options.headers])
    assert.doesNotMatch(shown, /secret/)
    for (const part of forged.split('.')) assert.ok(!shown.includes(part))
    return true
  })
})
