import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  creditGiven,
  DEFAULT_ACCOUNTS,
  feeKept,
  goodsBack,
  goodsElsewhere,
  type Posting,
  refundBounced,
  refundPaid,
  saleReversed,
} from '../../../../src/domain/returns/entries.ts'
import { imbalance } from '../../../../src/model/journal.ts'

const where = { accounts: DEFAULT_ACCOUNTS, book: 'retail-eu' }

test('every entry balances, whatever the amounts', () => {
  const minor = fc.bigInt({ min: 0n, max: 10_000_000n })
  fc.assert(
    fc.property(minor, minor, (netMinor, taxMinor) => {
      const worth = { netMinor, taxMinor, grossMinor: netMinor + taxMinor }
      const all = [
        goodsBack(where, netMinor, true),
        goodsBack(where, netMinor, false),
        saleReversed(where, worth),
        feeKept(where, worth),
        refundPaid(where, netMinor),
        refundBounced(where, netMinor),
        creditGiven(where, netMinor),
        ...goodsElsewhere(where, { ...where, book: 'retail-us' }, netMinor),
      ]
      for (const entry of all) {
        assert.equal(imbalance(entry), 0n, entry.kind)
        for (const { amountMinor } of entry.lines) assert.ok(amountMinor > 0n)
      }
    }),
  )
})

/** Debits less credits of an account. */
const balance = (entries: readonly Pick<Posting, 'lines'>[], account: string): bigint =>
  imbalance({ lines: entries.flatMap(({ lines }) => lines.filter(one => one.account === account)) })

test('one of two comes back good, less a fee, and the money goes: nothing stays on the way', () => {
  const line = (account: string, side: 'D' | 'C', amountMinor: bigint) => ({
    ...{ account, side, amountMinor },
    dimensions: {},
  })
  const sale = {
    lines: [
      line('1200', 'D', 12_600n),
      line('4000', 'C', 10_000n),
      line('4010', 'C', 500n),
      line('2200', 'C', 2_100n),
    ],
  }
  const payout = {
    lines: [line('1000', 'D', 7_020n), line('6100', 'D', 180n), line('1200', 'C', 7_200n)],
  }
  const back = [
    goodsBack(where, 3_000n, true),
    saleReversed(where, { netMinor: 5_000n, taxMinor: 1_000n, grossMinor: 6_000n }),
    feeKept(where, { netMinor: 500n, taxMinor: 100n, grossMinor: 600n }),
    refundPaid(where, 5_400n),
  ]
  const all = [sale, ...back, payout]
  assert.equal(balance(all, '1200'), 0n)
  assert.equal(balance(all, '2300'), 0n)
  assert.equal(balance(all, '4100'), 5_000n)
  // A bounce owes it again, and store credit settles that.
  const later = [...all, refundBounced(where, 5_400n), creditGiven(where, 5_400n)]
  assert.equal(balance(later, '2300'), 0n)
  assert.equal(balance(later, '2400'), -5_400n)
})
