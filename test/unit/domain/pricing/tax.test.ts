import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addAmounts,
  NOTHING,
  type TaxableLine,
  type TaxRules,
  taxLines,
  taxTotals,
} from '../../../../src/domain/pricing/tax.ts'
import { divideRounded, parseDecimal } from '../../../../src/model/money.ts'

const line = (amountMinor: bigint, rate = '0.19', taxIncluded = true): TaxableLine => ({
  amountMinor,
  taxIncluded,
  taxCategory: 'standard',
  taxRate: parseDecimal(rate),
})

const taxes = (lines: readonly TaxableLine[], taxRounding: TaxRules['taxRounding']) =>
  taxLines(lines, { taxRounding, roundingMode: 'HALF_UP' }).map(({ taxMinor }) => taxMinor)

test('tax is taken out of a gross price and put on a net price', () => {
  const [gross, net] = taxLines([line(11900n), line(10000n, '0.19', false)], {
    taxRounding: 'LINE',
    roundingMode: 'HALF_UP',
  })
  assert.deepEqual([gross?.netMinor, gross?.taxMinor, gross?.grossMinor], [10000n, 1900n, 11900n])
  assert.deepEqual([net?.netMinor, net?.taxMinor, net?.grossMinor], [10000n, 1900n, 11900n])
})

test('LINE rounds every line; DOCUMENT rounds once and still shows it on the lines', () => {
  const three = [line(33n, '0.1', false), line(33n, '0.1', false), line(34n, '0.1', false)]
  assert.deepEqual(taxes(three, 'LINE'), [3n, 3n, 3n])
  assert.deepEqual(taxes(three, 'DOCUMENT'), [3n, 4n, 3n])
})

test('different rates are never rounded together', () => {
  const lines = [line(5n, '0.1', false), line(5n, '0.07', false), line(5n, '0.1', false)]
  assert.deepEqual(taxes(lines, 'DOCUMENT'), [1n, 0n, 0n])
})

test('a half goes up, or to the even neighbour, as the channel says', () => {
  const half = [line(50n, '0.05', false)]
  const tax = (roundingMode: TaxRules['roundingMode']) =>
    taxLines(half, { taxRounding: 'LINE', roundingMode })[0]?.taxMinor
  assert.equal(tax('HALF_UP'), 3n)
  assert.equal(tax('HALF_EVEN'), 2n)
})

const lineArbitrary = fc
  .record({
    amount: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    rate: fc.constantFrom('0', '0.07', '0.19', '0.055', '0.2'),
    included: fc.boolean(),
  })
  .map(({ amount, rate, included }) => line(amount, rate, included))
const linesArbitrary = fc.array(lineArbitrary, { maxLength: 20 })
const rulesArbitrary = fc.record({
  taxRounding: fc.constantFrom('LINE' as const, 'DOCUMENT' as const),
  roundingMode: fc.constantFrom('HALF_UP' as const, 'HALF_EVEN' as const),
})

test('net and tax make gross, and the tax totals make the document, under every rule', () => {
  fc.assert(
    fc.property(linesArbitrary, rulesArbitrary, (lines, rules) => {
      const taxed = taxLines(lines, rules)
      taxed.forEach((after, i) => {
        assert.equal(after.netMinor + after.taxMinor, after.grossMinor)
        assert.ok(after.taxMinor >= 0n)
        assert.equal(after.taxIncluded ? after.grossMinor : after.netMinor, lines[i]?.amountMinor)
      })
      assert.deepEqual(
        taxTotals(taxed).reduce(addAmounts, NOTHING),
        taxed.reduce(addAmounts, NOTHING),
      )
    }),
  )
})

test("under DOCUMENT the lines of one rate carry that rate's tax on their sum, rounded once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.bigInt({ min: 0n, max: 10n ** 9n })),
      rulesArbitrary,
      (amounts, rules) => {
        const lines = amounts.map(amount => line(amount, '0.19'))
        const taxed = taxLines(lines, { ...rules, taxRounding: 'DOCUMENT' })
        const sum = amounts.reduce((a, b) => a + b, 0n)
        assert.equal(
          taxed.reduce((total, { taxMinor }) => total + taxMinor, 0n),
          divideRounded(sum * 19n, 119n, rules.roundingMode),
        )
      },
    ),
  )
})
