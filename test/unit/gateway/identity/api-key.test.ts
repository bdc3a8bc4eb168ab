import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  generateApiKey,
  hashCredential,
  isWellFormedApiKey,
} from '../../../../src/gateway/identity/api-key.ts'

const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i))

test('a new key says what it is for and is well formed', () => {
  assert.match(generateApiKey('live'), /^pstn_live_[0-9A-Za-z]{38}$/)
  assert.match(generateApiKey('test'), /^pstn_test_[0-9A-Za-z]{38}$/)
  for (let i = 0; i < 200; i++) assert.ok(isWellFormedApiKey(generateApiKey('live')))
})

test('no key is made twice', () => {
  assert.equal(new Set(Array.from({ length: 500 }, () => generateApiKey('test'))).size, 500)
})

// Somebody types a key from a screen: the answer should say "mistyped", and cost no look-up.
test('the checksum refuses a key with any one character changed, lost or added', () => {
  const key = generateApiKey('live')
  fc.assert(
    fc.property(fc.nat(key.length - 1), fc.constantFrom(...printable), (at, character) => {
      const before = key.slice(0, at)
      if (character !== key[at]) {
        assert.ok(!isWellFormedApiKey(before + character + key.slice(at + 1)))
      }
      assert.ok(!isWellFormedApiKey(before + key.slice(at + 1)), 'one lost')
      assert.ok(!isWellFormedApiKey(before + character + key.slice(at)), 'one more')
    }),
    { numRuns: 2_000 },
  )
})

test('the checksum refuses two neighbours swapped, and a test key passed off as live', () => {
  const key = generateApiKey('test')
  for (let at = 10; at < key.length - 1; at++) {
    const swapped = `${key.slice(0, at)}${key[at + 1]}${key[at]}${key.slice(at + 2)}`
    if (swapped !== key) assert.ok(!isWellFormedApiKey(swapped))
  }
  assert.ok(!isWellFormedApiKey(key.replace('test', 'live')))
})

test('a hash names its kind and hides the credential', () => {
  assert.equal(
    hashCredential('abc'),
    'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
})
