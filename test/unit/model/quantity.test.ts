import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseQuantity, quantityText, wholeUnits } from '../../../src/model/quantity.ts'

test('what is read is what is written, for every quantity', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), micros => {
      assert.equal(parseQuantity(quantityText({ micros, uom: 'KGM' }), 'KGM').micros, micros)
    }),
  )
})

test('pieces are whole', () => {
  assert.throws(() => parseQuantity('1.5', 'EA'), /whole/)
  assert.equal(parseQuantity('1.000', 'EA').micros, 1_000_000n)
})

test('whole units round down, below zero too', () => {
  assert.equal(wholeUnits(parseQuantity('1.9', 'KGM')), 1n)
  assert.equal(wholeUnits(parseQuantity('-0.1', 'KGM')), -1n)
})

test('what is not a plain decimal is refused', () => {
  for (const text of ['', '1,5', '1e3', ' 1', '0x1', '1.', '.5', '1.1234567', 'NaN', '--1']) {
    assert.throws(() => parseQuantity(text, 'KGM'), RangeError, text)
  }
})
