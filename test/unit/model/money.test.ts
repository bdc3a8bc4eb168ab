import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  decimalText,
  divideRounded,
  fromMinor,
  parseDecimal,
  toMinor,
  toWireMoney,
} from '../../../src/model/money.ts'

test('rounding never moves an amount by more than half a minor unit', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
      fc.bigInt({ min: 1n, max: 10n ** 9n }),
      fc.constantFrom('HALF_UP' as const, 'HALF_EVEN' as const),
      (numerator, denominator, mode) => {
        const error = divideRounded(numerator, denominator, mode) * denominator - numerator
        const distance = error < 0n ? -error : error
        assert.ok(distance * 2n <= denominator)
      },
    ),
  )
})

test('a half goes away from zero, or to the even neighbour, as the mode says', () => {
  assert.equal(divideRounded(5n, 2n, 'HALF_UP'), 3n)
  assert.equal(divideRounded(-5n, 2n, 'HALF_UP'), -3n)
  assert.equal(divideRounded(5n, 2n, 'HALF_EVEN'), 2n)
  assert.equal(divideRounded(7n, 2n, 'HALF_EVEN'), 4n)
})

test('a currency rounds at its own exponent', () => {
  const amount = parseDecimal('1234.5675')
  assert.equal(toMinor(amount, 'EUR', 'HALF_UP'), 123457n)
  assert.equal(toMinor(amount, 'JPY', 'HALF_UP'), 1235n)
  assert.equal(toMinor(amount, 'KWD', 'HALF_UP'), 1234568n)
})

test('minor units become a decimal and come back unchanged', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }),
      fc.constantFrom('EUR', 'JPY', 'KWD', 'CLF'),
      (minor, currency) => {
        const text = decimalText(fromMinor({ minor, currency }))
        assert.equal(toMinor(parseDecimal(text), currency, 'HALF_UP'), minor)
      },
    ),
  )
})

test('an amount that a JSON number cannot carry exactly is refused, not approximated', () => {
  assert.throws(() => toWireMoney({ minor: 2n ** 53n, currency: 'EUR' }), RangeError)
})
