import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import { test } from 'node:test'
import { isSealed, sealQuote } from '../../../../src/domain/pricing/quote-seal.ts'

const key = createSecretKey(Buffer.alloc(32, 7))
const bound = { quoteId: 'quo_1', lines: [{ sku: '0001', amountMinor: 1490 }], validUntil: 'x' }

test('a quote is recognised however its members are ordered', () => {
  const seal = sealQuote(bound, key)
  const { validUntil, lines, quoteId } = bound
  assert.ok(isSealed({ validUntil, lines, quoteId }, seal, key))
})

test('a quote with one cent changed is not ours any more', () => {
  const seal = sealQuote(bound, key)
  const cheaper = { ...bound, lines: [{ sku: '0001', amountMinor: 1489 }] }
  assert.equal(isSealed(cheaper, seal, key), false)
})

test('who lacks the key cannot seal', () => {
  const forged = sealQuote(bound, createSecretKey(Buffer.alloc(32, 8)))
  const genuine = sealQuote(bound, key)
  assert.match(genuine, /^v1\.[\w-]{43}$/)
  for (const seal of [forged, '', 'v1.', `${genuine}x`, genuine.replace('v1', 'v2')]) {
    assert.equal(isSealed(bound, seal, key), false, seal)
  }
})
