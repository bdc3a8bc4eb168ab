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

test('who lacks the key cannot seal, though the digest is open', () => {
  const forged = sealQuote(bound, createSecretKey(Buffer.alloc(32, 8)))
  assert.equal(isSealed(bound, forged, key), false)
  for (const broken of ['', '.', forged.split('.')[0] ?? '', `${sealQuote(bound, key)}x.y`]) {
    assert.equal(isSealed(bound, broken, key), false)
  }
})
