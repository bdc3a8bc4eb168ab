import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dateText, roundedDecimal, toTrytonDate } from '../../../../src/connectors/tryton/values.ts'
import { decimalText } from '../../../../src/model/money.ts'

const rounded = (decimal: string, digits: number) =>
  decimalText(roundedDecimal({ __class__: 'Decimal', decimal }, digits))

test('a decimal is rounded as Python rounds it: half to even', () => {
  assert.equal(rounded('11.622000000000000', 4), '11.622')
  assert.equal(rounded('20.4383300000000000', 4), '20.4383')
  assert.equal(rounded('0.00005', 4), '0')
  assert.equal(rounded('0.00015', 4), '0.0002')
  assert.equal(rounded('-0.00025', 4), '-0.0002')
  assert.equal(rounded('4.966666666666666666666666667', 4), '4.9667')
  assert.equal(rounded('0.99999', 4), '1')
})

test('the exponents that Python writes are understood', () => {
  assert.equal(rounded('1E+2', 4), '100')
  assert.equal(rounded('0E-13', 4), '0')
  assert.equal(rounded('1.5E-3', 4), '0.0015')
})

test('a decimal that needs no rounding is kept exactly', () => {
  const exact = fc.tuple(fc.bigInt(-(10n ** 15n), 10n ** 15n), fc.integer({ min: 0, max: 4 }))
  fc.assert(
    fc.property(exact, ([digits, scale]) => {
      const text = decimalText({ digits, scale })
      assert.equal(rounded(text, 4), text)
    }),
  )
})

test('today is the date at the ERP, not ours', () => {
  const instant = Date.parse('2026-11-23T23:30:00Z')
  assert.equal(dateText(toTrytonDate(instant, 'UTC')), '2026-11-23')
  assert.equal(dateText(toTrytonDate(instant, 'Europe/Berlin')), '2026-11-24')
  assert.equal(dateText(toTrytonDate(instant, 'America/New_York')), '2026-11-23')
})
