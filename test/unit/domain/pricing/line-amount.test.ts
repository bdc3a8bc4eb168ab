import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { lineAmountMinor } from '../../../../src/domain/pricing/line-amount.ts'
import { parseDecimal, type RoundingMode } from '../../../../src/model/money.ts'
import { priceRow } from '../../../support/plain-sources.ts'

const amount = (
  unitPrice: string,
  quantity: string,
  { per = '1', currency = 'EUR', mode = 'HALF_UP' as RoundingMode } = {},
) =>
  lineAmountMinor(
    priceRow('1', unitPrice, { per: parseDecimal(per), currency }),
    parseDecimal(quantity),
    mode,
  )

test('a line is rounded once, however fine its unit price', () => {
  assert.equal(amount('1.459', '37.125'), 5417n)
  assert.equal(amount('0.004', '1000'), 400n)
})

test('a price per hundred is exact for one', () => {
  assert.equal(amount('12.49', '3', { per: '100' }), 37n)
  assert.equal(amount('10', '1', { per: '3' }), 333n)
})

test('currencies keep their own minor unit', () => {
  assert.equal(amount('1490', '2', { currency: 'JPY' }), 2980n)
  assert.equal(amount('1.5', '1', { currency: 'JPY' }), 2n)
  assert.equal(amount('1.2345', '1', { currency: 'KWD' }), 1235n)
})

test('a half cent is rounded as the channel says', () => {
  assert.equal(amount('0.005', '1'), 1n)
  assert.equal(amount('0.005', '1', { mode: 'HALF_EVEN' }), 0n)
  assert.equal(amount('0.015', '1', { mode: 'HALF_EVEN' }), 2n)
})

test('whole cents times whole pieces lose nothing, far beyond what a float holds', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 15n }),
      fc.bigInt({ min: 1n, max: 10n ** 12n }),
      (cents, count) => {
        const unitPrice = { digits: cents, scale: 2 }
        const quantity = { digits: count, scale: 0 }
        const row = priceRow('1', '0', { unitPrice })
        assert.equal(lineAmountMinor(row, quantity, 'HALF_EVEN'), cents * count)
      },
    ),
  )
})
