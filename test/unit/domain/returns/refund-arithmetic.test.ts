import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Amounts } from '../../../../src/domain/orders/order-request.ts'
import {
  NOTHING,
  proposeRefund,
  type SoldLine,
  sum,
} from '../../../../src/domain/returns/refund-arithmetic.ts'

const amounts = fc
  .tuple(fc.bigInt({ min: 0n, max: 1_000_000n }), fc.bigInt({ min: 0n, max: 300_000n }))
  .map(([netMinor, taxMinor]): Amounts => ({ netMinor, taxMinor, grossMinor: netMinor + taxMinor }))

/** Pieces, and goods by weight. */
const quantity = fc.oneof(
  fc.bigInt({ min: 1n, max: 40n }).map(pieces => pieces * 1_000_000n),
  fc.bigInt({ min: 1n, max: 5_000_000n }),
)

const order = fc.record({
  lines: fc.array(fc.tuple(amounts, quantity), { minLength: 1, maxLength: 4 }).map(all =>
    all.map(
      ([worth, ordered], i): SoldLine => ({
        ...worth,
        lineId: String(i),
        ordered,
        refunded: 0n,
      }),
    ),
  ),
  shipping: amounts,
})

test('however an order is divided into returns, they add up to it, to the minor unit', () => {
  fc.assert(
    fc.property(order, fc.infiniteStream(fc.nat(1000)), (sold, dice) => {
      const roll = (): number => dice.next().value ?? 0
      let lines: readonly SoldLine[] = sold.lines
      const given: Amounts[] = []
      while (lines.some(({ refunded, ordered }) => refunded < ordered)) {
        const now = new Map(
          lines.map(({ lineId, ordered, refunded }) => {
            const left = ordered - refunded
            const part = (left * BigInt(roll() % 4)) / 3n
            return [lineId, part > left ? left : part]
          }),
        )
        if (![...now.values()].some(part => part > 0n)) {
          const [first] = lines.filter(({ refunded, ordered }) => refunded < ordered)
          if (first) now.set(first.lineId, first.ordered - first.refunded)
        }
        const { total, lines: parts } = proposeRefund({ ...sold, lines }, now)
        for (const part of [total, ...parts]) {
          assert.equal(part.netMinor + part.taxMinor, part.grossMinor)
          assert.ok(part.taxMinor >= 0n && part.netMinor >= 0n)
        }
        given.push(total)
        lines = lines.map(line => ({
          ...line,
          refunded: line.refunded + (now.get(line.lineId) ?? 0n),
        }))
      }
      assert.deepEqual(sum(given), sum([...sold.lines, sold.shipping]))
    }),
  )
})

test('three for ten euro come back as 3.33, 3.34 and 3.33: never 9.99', () => {
  const line = { lineId: '1', netMinor: 1000n, taxMinor: 0n, grossMinor: 1000n, ordered: 3n }
  const each = [0n, 1n, 2n].map(
    refunded =>
      proposeRefund({ lines: [{ ...line, refunded }], shipping: NOTHING }, new Map([['1', 1n]]))
        .total.grossMinor,
  )
  assert.deepEqual(each, [333n, 334n, 333n])
})

test('more than is left is not given back; a fee is never more than what is', () => {
  const lines = [
    { lineId: '1', netMinor: 100n, taxMinor: 20n, grossMinor: 120n, ordered: 2n, refunded: 1n },
  ]
  const sold = { lines, shipping: NOTHING }
  assert.throws(() => proposeRefund(sold, new Map([['1', 2n]])), /line 1: more than is left/)
  const fee = { netMinor: 500n, taxMinor: 100n, grossMinor: 600n }
  assert.deepEqual(proposeRefund(sold, new Map([['1', 1n]]), fee).total, NOTHING)
})
