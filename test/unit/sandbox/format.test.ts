import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  amountText,
  parseAmount,
  parseQuantity,
  quantityText,
} from '../../../src/sandbox/format/decimal-comma.ts'
import { addDays, erpTimestamp, isErpDate } from '../../../src/sandbox/format/erp-date.ts'
import { toMatnr, toSku } from '../../../src/sandbox/format/material-number.ts'

test('only material numbers of nothing but digits are padded', () => {
  assert.equal(toMatnr('100001'), '000000000000100001')
  assert.equal(toMatnr('tee-classic-m-blk'), 'TEE-CLASSIC-M-BLK')
  assert.equal(toMatnr('1000A1'), '1000A1')
  assert.equal(toSku('000000000000100001'), '100001')
  assert.equal(toSku('TEE-CLASSIC-M-BLK'), 'TEE-CLASSIC-M-BLK')
})

test('numbers come back from their text with a comma as they were', () => {
  fc.assert(
    fc.property(fc.integer({ min: -999_999_999, max: 999_999_999 }), value => {
      assert.equal(parseQuantity(quantityText(value)), value)
      assert.equal(parseAmount(amountText(value)), value)
    }),
  )
  assert.equal(quantityText(12_000), '12,000')
  assert.equal(quantityText(-5), '-0,005')
  assert.equal(amountText(1490), '14,90')
})

test('a decimal point, a separator of thousands and too many decimals are not numbers here', () => {
  for (const text of ['12.000', '1.234,000', '1,2345', '', ',5', '1,', '+1', 'NaN', 12, null]) {
    assert.equal(parseQuantity(text), undefined, String(text))
  }
  assert.equal(parseAmount('14,905'), undefined)
  assert.equal(parseQuantity('12'), 12_000)
})

test('days are counted over the ends of months and years, and only real ones are dates', () => {
  assert.equal(addDays('20261231', 1), '20270101')
  assert.equal(addDays('20280301', -1), '20280229')
  assert.equal(erpTimestamp(Date.UTC(2026, 10, 3, 4, 5, 6)), '20261103040506')
  assert.ok(isErpDate('99991231'))
  for (const text of ['20270229', '20261301', '00000000', '2026-11-23', 20261123]) {
    assert.ok(!isErpDate(text), String(text))
  }
})
