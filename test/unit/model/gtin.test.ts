import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { normalizeGtin } from '../../../src/model/gtin.ts'

test('a GTIN is padded to 14 and its check digit decides', () => {
  assert.equal(normalizeGtin('4006381333931'), '04006381333931')
  assert.equal(normalizeGtin('4006381333932'), undefined)
  assert.equal(normalizeGtin('73513537'), '00000073513537')
})

test('any single wrong digit is caught', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 9 }), (at, by) => {
      const digits = [...'4006381333931']
      digits[at] = String((Number(digits[at]) + by) % 10)
      assert.equal(normalizeGtin(digits.join('')), undefined)
    }),
  )
})
