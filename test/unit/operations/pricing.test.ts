import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSealed } from '../../../src/domain/pricing/quote-seal.ts'
import { parseDecimal } from '../../../src/model/money.ts'
import { priceRow } from '../../support/plain-sources.ts'
import { createWorld, jsonOf, problemOf, quoteKey, START, START_MS } from './support.ts'

const requestedAt = START_MS
const query = { sku: ['0001'], channel: 'web' }
const cart = (...lines: [sku: string, value: string, uom?: string][]) => ({
  parsedBody: {
    channel: 'web',
    lines: lines.map(([sku, value, uom = 'EA']) => ({ sku, quantity: { value, uom } })),
  },
})

test('prices are worded as the contract promises', async () => {
  const prices = [
    priceRow('0001', '14.9', {
      requestedAt,
      wasPrice: parseDecimal('19.9'),
      validFrom: START_MS - 1_000,
      validTo: START_MS + 60_000,
      sourceVersion: 'A304',
    }),
  ]
  const reply = await createWorld({ prices }).call('getPrices', {
    query: { sku: ['0001', '0404'], channel: 'web' },
  })
  const step = {
    minQuantity: { value: '1', uom: 'EA' },
    price: { amountMinor: 1490, currency: 'EUR' },
    unitPrice: { decimal: '14.90', currency: 'EUR', per: { value: '1', uom: 'EA' } },
    wasPrice: { amountMinor: 1990, currency: 'EUR' },
    validFrom: '2026-11-23T11:59:59.000Z',
    validTo: '2026-11-23T12:01:00.000Z',
  }
  assert.deepEqual(jsonOf(reply), {
    prices: [
      {
        sku: '0001',
        channel: 'web',
        currency: 'EUR',
        ...step,
        taxIncluded: true,
        taxCategory: 'standard',
        source: { version: 'A304' },
        scales: [step],
      },
    ],
    unpriced: [{ sku: '0404', reason: 'no-price' }],
    asOf: START,
    stale: false,
    incomplete: false,
  })
  assert.equal(reply.freshness?.validUntil, START_MS + 60_000)
})

test('a price finer than a cent keeps its digits beside the rounded amount', async () => {
  const prices = [priceRow('0001', '1.459', { uom: 'LTR' })]
  const body = jsonOf(await createWorld({ prices }).call('getPrices', { query }))
  assert.match(JSON.stringify(body), /"amountMinor":146.*"decimal":"1.459"/)
})

test('a price for another instant can be asked for; an impossible instant is refused', async () => {
  const prices = [priceRow('0001', '9', { validFrom: START_MS + 86_400_000 })]
  const world = createWorld({ prices })
  const tomorrow = jsonOf(
    await world.call('getPrices', { query: { ...query, at: '2026-11-24T13:00:00+01:00' } }),
  )
  assert.equal((tomorrow.prices as unknown[]).length, 1)
  const leap = world.call('getPrices', { query: { ...query, at: '2026-12-31T23:59:60Z' } })
  assert.equal((await problemOf(leap)).options.errors?.[0]?.pointer, '#/query/at')
})

test('prices that could not all be read are not kept for long', async () => {
  const world = createWorld({ prices: [priceRow('0001', '9')], down: ['0002'] })
  const reply = await world.call('getPrices', { query: { ...query, sku: ['0001', '0002'] } })
  assert.equal(jsonOf(reply).incomplete, true)
  assert.equal(reply.freshness?.stale, true)
})

test('a quote adds up, says how it was rounded, and is sealed as it travels', async () => {
  const prices = [priceRow('0001', '14.9')]
  const reply = await createWorld({ prices }).call('createQuote', cart(['0001', '2']))
  assert.equal(reply.status, 201)
  const { quoteHash, quoteId, ...rest } = jsonOf(reply)
  const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' })
  assert.deepEqual(rest, {
    issuedAt: START,
    validUntil: '2026-11-23T12:15:00.000Z',
    channel: 'web',
    currency: 'EUR',
    taxRounding: 'LINE',
    roundingMode: 'HALF_UP',
    lines: [
      {
        sku: '0001',
        quantity: { value: '2', uom: 'EA' },
        unitPrice: { decimal: '14.90', currency: 'EUR', per: { value: '1', uom: 'EA' } },
        taxIncluded: true,
        taxCategory: 'standard',
        taxRate: '0.19',
        net: eur(2504),
        tax: eur(476),
        lineTotal: eur(2980),
      },
    ],
    taxes: [{ taxCategory: 'standard', taxRate: '0.19', net: eur(2504), tax: eur(476) }],
    totals: { net: eur(2504), tax: eur(476), gross: eur(2980) },
  })
  assert.ok(isSealed({ quoteId, ...rest }, String(quoteHash), quoteKey))
  assert.ok(!isSealed({ quoteId, ...rest, currency: 'CHF' }, String(quoteHash), quoteKey))
})

test('lines without a price are all pointed to', async () => {
  const world = createWorld({ prices: [priceRow('0001', '14.9')] })
  const lines = cart(['0404', '1'], ['0001', '1'], ['0001', '1.5', 'KGM'])
  const problem = await problemOf(world.call('createQuote', lines))
  assert.equal(problem.code, 'price-not-available')
  assert.deepEqual(
    problem.options.errors?.map(({ pointer, code }) => [pointer, code]),
    [
      ['#/body/lines/0', 'no-price'],
      ['#/body/lines/2', 'unit-not-priced'],
    ],
  )
})

test('half a piece cannot be quoted', async () => {
  const world = createWorld({ prices: [priceRow('0001', '14.9')] })
  const problem = await problemOf(world.call('createQuote', cart(['0001', '1'], ['0001', '1.5'])))
  assert.equal(problem.code, 'invalid-request')
  assert.equal(problem.options.errors?.[0]?.pointer, '#/body/lines/1/quantity/value')
})
