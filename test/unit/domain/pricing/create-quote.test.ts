import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createQuote, type QuoteRequest } from '../../../../src/domain/pricing/create-quote.ts'
import { addAmounts, NOTHING } from '../../../../src/domain/pricing/tax.ts'
import { UpstreamFailure } from '../../../../src/kernel/upstream-failure.ts'
import { asChannelId, asSku } from '../../../../src/model/brand.ts'
import type { Channel } from '../../../../src/model/network.ts'
import type { ErpPrice } from '../../../../src/model/price.ts'
import { parseQuantity } from '../../../../src/model/quantity.ts'
import { erpCall, plainNetwork, plainPrices, priceRow } from '../../../support/plain-sources.ts'

const NOW = 1_000_000

async function quote(
  rows: readonly ErpPrice[],
  lines: QuoteRequest['lines'],
  channel: Partial<Channel> = {},
  down: readonly string[] = [],
) {
  return createQuote(
    { channel: asChannelId('web'), lines },
    { prices: plainPrices(rows, down), network: plainNetwork(channel), now: () => NOW },
    erpCall,
  )
}

const line = (sku: string, value: string, uom = 'EA') => ({
  sku: asSku(sku),
  quantity: parseQuantity(value, uom),
})

/** The quote, where there must be one. */
async function quoted(...args: Parameters<typeof quote>) {
  const result = await quote(...args)
  assert.ok(result.ok)
  return result.quote
}

test('a line is priced by the scale that its quantity reaches', async () => {
  const rows = [priceRow('1', '10'), priceRow('1', '8', { from: '10' })]
  const { lines, totals } = await quoted(rows, [line('1', '9'), line('1', '10')])
  assert.deepEqual(
    lines.map(({ amountMinor }) => amountMinor),
    [9000n, 8000n],
  )
  assert.equal(totals.grossMinor, 17000n)
})

test('a quote lasts as long as the channel says, and no longer than any of its prices', async () => {
  const rows = [priceRow('1', '10'), priceRow('2', '10', { validTo: NOW + 60_000 })]
  assert.equal((await quoted(rows, [line('1', '1')])).validUntil, NOW + 900_000)
  assert.equal((await quoted(rows, [line('1', '1'), line('2', '1')])).validUntil, NOW + 60_000)
})

test('lines that cannot be quoted are all named, each with its reason', async () => {
  const { taxRate: _, ...untaxed } = priceRow('3', '10')
  const rows = [priceRow('1', '10'), priceRow('2', '10'), priceRow('2', '11'), untaxed]
  const lines = [
    line('1', '1'),
    line('404', '1'),
    line('2', '1'),
    line('3', '1'),
    line('1', '1.5', 'KGM'),
  ]
  assert.deepEqual(await quote(rows, lines), {
    ok: false,
    unquotable: [
      { index: 1, reason: 'no-price' },
      { index: 2, reason: 'ambiguous-price' },
      { index: 3, reason: 'tax-rate-not-known' },
      { index: 4, reason: 'unit-not-priced' },
    ],
  })
})

test('a total that JSON could not carry exactly is refused at the line that makes it so', async () => {
  const result = await quote([priceRow('1', '50')], [line('1', '1'), line('1', '999999999999999')])
  assert.deepEqual(result, {
    ok: false,
    unquotable: [{ index: 1, reason: 'amount-too-large' }],
  })
})

test('nothing is quoted while any price cannot be read', async () => {
  const rows = [priceRow('1', '10'), priceRow('2', '10')]
  await assert.rejects(quote(rows, [line('1', '1'), line('2', '1')], {}, ['2']), UpstreamFailure)
})

test('totals are the sum of the lines, in any currency and under any rule', async () => {
  const unitPrice = fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 7n }), fc.nat(5))
    .map(([digits, scale]) => ({ digits, scale }))
  const article = fc.record({
    unitPrice,
    grams: fc.integer({ min: 1, max: 10_000_000 }),
    taxIncluded: fc.boolean(),
    rate: fc.constantFrom(7n, 19n, 0n),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(article, { minLength: 1, maxLength: 10 }),
      fc.constantFrom('EUR', 'JPY', 'KWD'),
      fc.constantFrom('LINE' as const, 'DOCUMENT' as const),
      fc.constantFrom('HALF_UP' as const, 'HALF_EVEN' as const),
      async (articles, currency, taxRounding, roundingMode) => {
        const rows = articles.map(({ unitPrice, taxIncluded, rate }, i) =>
          priceRow(String(i), '0', {
            unitPrice,
            currency,
            taxIncluded,
            uom: 'KGM',
            from: '0',
            taxCategory: `rate-${rate}`,
            taxRate: { digits: rate, scale: 2 },
          }),
        )
        const lines = articles.map(({ grams }, i) => ({
          sku: asSku(String(i)),
          quantity: { micros: BigInt(grams) * 1000n, uom: 'KGM' },
        }))
        const channel = { currencies: [currency], taxRounding, roundingMode }
        const { lines: priced, totals, taxes } = await quoted(rows, lines, channel)
        assert.deepEqual(priced.reduce(addAmounts, NOTHING), totals)
        assert.deepEqual(taxes.reduce(addAmounts, NOTHING), totals)
        assert.equal(totals.netMinor + totals.taxMinor, totals.grossMinor)
      },
    ),
  )
})
