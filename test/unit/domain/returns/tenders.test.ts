import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { allocate, refundable, type Tender } from '../../../../src/domain/returns/tenders.ts'

const minor = fc.bigInt({ min: 0n, max: 20_000n })
const tender = fc.record({
  pspReference: fc.uuid(),
  method: fc.constantFrom('card', 'paypal', 'gift_card'),
  capturedMinor: minor,
  refundedMinor: minor,
  inFlightMinor: minor,
  lostDisputesMinor: minor,
  capturedAt: fc.nat(),
})

test('no payment gives back more than is left of it, and nothing is lost on the way', () => {
  fc.assert(
    fc.property(minor, fc.array(tender, { maxLength: 5 }), (amount, tenders) => {
      const { parts, restMinor } = allocate(amount, tenders)
      const placed = parts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
      assert.equal(placed + restMinor, amount)
      for (const { pspReference, amountMinor } of parts) {
        const from = tenders.find(one => one.pspReference === pspReference)
        assert.ok(from && amountMinor > 0n && amountMinor <= refundable(from))
      }
      const left = tenders.reduce((sum, one) => sum + refundable(one), 0n)
      assert.equal(restMinor, amount > left ? amount - left : 0n)
    }),
  )
})

test('the newest payment gives first, gift cards last', () => {
  const of = (pspReference: string, method: string, capturedAt: number): Tender => ({
    pspReference,
    method,
    capturedAt,
    capturedMinor: 100n,
    refundedMinor: 0n,
    inFlightMinor: 0n,
    lostDisputesMinor: 0n,
  })
  const tenders = [of('old', 'card', 1), of('gift', 'gift-card', 3), of('new', 'card', 2)]
  assert.deepEqual(
    allocate(250n, tenders).parts.map(({ pspReference, amountMinor }) => [
      pspReference,
      amountMinor,
    ]),
    [
      ['new', 100n],
      ['old', 100n],
      ['gift', 50n],
    ],
  )
})
