import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { choosePrice } from '../../../../src/domain/pricing/choose-price.ts'
import { scalesOf } from '../../../../src/domain/pricing/scales.ts'
import { compareDecimals, decimalText, parseDecimal } from '../../../../src/model/money.ts'
import type { ErpPrice } from '../../../../src/model/price.ts'
import { priceRow } from '../../../support/plain-sources.ts'

const AT = 1_000

/** The unit price chosen, or why there is none. */
function chosen(
  rows: readonly ErpPrice[],
  {
    quantity = '1',
    customerGroup,
    at = AT,
  }: { quantity?: string; customerGroup?: string; at?: number } = {},
) {
  const choice = choosePrice(rows, { customerGroup, at, quantity: parseDecimal(quantity) })
  return choice.kind === 'price' ? decimalText(choice.row.unitPrice) : choice.kind
}

test('a price holds from its first instant and not at its last', () => {
  const rows = [priceRow('1', '10', { validFrom: 100, validTo: 200 })]
  assert.equal(chosen(rows, { at: 99 }), 'none')
  assert.equal(chosen(rows, { at: 100 }), '10')
  assert.equal(chosen(rows, { at: 199 }), '10')
  assert.equal(chosen(rows, { at: 200 }), 'none')
})

test('the higher priority wins over everything else', () => {
  const rows = [
    priceRow('1', '8', { customerGroup: 'gold', validFrom: 900 }),
    priceRow('1', '12', { priority: 5 }),
  ]
  assert.equal(chosen(rows, { customerGroup: 'gold' }), '12')
})

test("a customer group's own price goes before the list's, and is nobody else's", () => {
  const rows = [
    priceRow('1', '8', { customerGroup: 'gold' }),
    priceRow('1', '10', { validFrom: 900 }),
  ]
  assert.equal(chosen(rows, { customerGroup: 'gold' }), '8')
  assert.equal(chosen(rows, { customerGroup: 'silver' }), '10')
  assert.equal(chosen(rows), '10')
})

test('of two prices in force, the one that began later wins', () => {
  const rows = [priceRow('1', '7', { validFrom: 500 }), priceRow('1', '10')]
  assert.equal(chosen(rows), '7')
})

test('a quantity gets the highest scale that it reaches', () => {
  const rows = [
    priceRow('1', '10'),
    priceRow('1', '9', { from: '10' }),
    priceRow('1', '8', { from: '100' }),
  ]
  assert.deepEqual(
    ['0.5', '1', '9', '10', '99.999', '100'].map(quantity => chosen(rows, { quantity })),
    ['none', '10', '10', '9', '9', '8'],
  )
})

test('two prices with nothing to tell them apart are an error, not a coin toss', () => {
  assert.equal(chosen([priceRow('1', '10'), priceRow('1', '11')]), 'tie')
  const doubled = [priceRow('1', '10'), priceRow('1', '10.00')]
  assert.equal(chosen(doubled), '10', 'an exact double contradicts nobody')
})

const rowArbitrary = fc
  .record({
    cents: fc.integer({ min: 1, max: 5000 }),
    from: fc.integer({ min: 1, max: 5 }),
    priority: fc.integer({ min: 0, max: 1 }),
    group: fc.constantFrom(undefined, 'gold'),
    validFrom: fc.constantFrom(undefined, 100, 900, 2_000),
  })
  .map(({ cents, from, priority, group, validFrom }) =>
    priceRow('1', `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`, {
      from: String(from),
      priority,
      ...(group && { customerGroup: group }),
      ...(validFrom && { validFrom }),
    }),
  )

test('the choice does not depend on the order in which the ERP lists its prices', () => {
  fc.assert(
    fc.property(
      fc.array(rowArbitrary, { maxLength: 8 }),
      fc.integer({ min: 1, max: 6 }),
      (rows, q) => {
        const question = { quantity: String(q), customerGroup: 'gold' }
        assert.equal(chosen(rows, question), chosen(rows.toReversed(), question))
      },
    ),
  )
})

test('a listed scale and the price of a quantity never disagree', () => {
  fc.assert(
    fc.property(
      fc.array(rowArbitrary, { maxLength: 8 }),
      fc.integer({ min: 1, max: 6 }),
      (rows, q) => {
        const scales = scalesOf(rows, { customerGroup: 'gold', at: AT })
        if (scales.kind !== 'scales') return
        const quantity = parseDecimal(String(q))
        const step = scales.steps.findLast(row => compareDecimals(row.minQuantity, quantity) <= 0)
        const expected = step ? decimalText(step.unitPrice) : 'none'
        assert.equal(chosen(rows, { quantity: String(q), customerGroup: 'gold' }), expected)
      },
    ),
  )
})
