import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getPrices, type PricesQuery } from '../../../../src/domain/pricing/get-prices.ts'
import { Problem } from '../../../../src/kernel/problems.ts'
import { UpstreamFailure } from '../../../../src/kernel/upstream-failure.ts'
import { asChannelId, asSku } from '../../../../src/model/brand.ts'
import { decimalText } from '../../../../src/model/money.ts'
import type { ErpPrice } from '../../../../src/model/price.ts'
import { erpCall, plainNetwork, plainPrices, priceRow } from '../../../support/plain-sources.ts'

const NOW = 1_000

async function ask(
  rows: readonly ErpPrice[],
  query: Partial<PricesQuery> = {},
  down: readonly string[] = [],
) {
  const prices = plainPrices(rows, down)
  const answer = await getPrices(
    { skus: [asSku('0001')], channel: asChannelId('web'), ...query },
    { prices, network: plainNetwork(), now: () => NOW },
    erpCall,
  )
  return { ...answer, reads: prices.reads }
}

const steps = (answer: Awaited<ReturnType<typeof ask>>) =>
  answer.items[0]?.steps.map(
    row => `${decimalText(row.minQuantity)}: ${decimalText(row.unitPrice)}`,
  )

test('without a currency the first of the channel is asked for', async () => {
  const { reads } = await ask([priceRow('0001', '10')])
  assert.deepEqual(reads[0]?.keys, [{ sku: '0001', channel: 'web', currency: 'EUR', at: NOW }])
})

test('a price in another currency or channel is never taken', async () => {
  const { items, unpriced } = await ask([
    priceRow('0001', '10', { currency: 'CHF' }),
    priceRow('0001', '10', { channel: asChannelId('till') }),
  ])
  assert.deepEqual(items, [])
  assert.deepEqual(unpriced, [{ sku: '0001', reason: 'no-price' }])
})

test('all scales are listed, lowest quantity first', async () => {
  const rows = [priceRow('0001', '8', { from: '10' }), priceRow('0001', '10')]
  assert.deepEqual(steps(await ask(rows)), ['1: 10', '10: 8'])
})

test('what the list charges for more is no scale while a promotion beats it', async () => {
  const rows = [
    priceRow('0001', '10'),
    priceRow('0001', '8', { from: '10' }),
    priceRow('0001', '7', { priority: 1 }),
  ]
  assert.deepEqual(steps(await ask(rows)), ['1: 7'])
})

test('a SKU with contradicting prices is reported, and does not take the others with it', async () => {
  const { items, unpriced } = await ask(
    [priceRow('0001', '10'), priceRow('0001', '11'), priceRow('0002', '5')],
    { skus: [asSku('0001'), asSku('0002')] },
  )
  assert.deepEqual(unpriced, [{ sku: '0001', reason: 'ambiguous-price' }])
  assert.equal(items[0]?.sku, '0002')
})

test('an answer for now holds until the next price begins or ends', async () => {
  const rows = [
    priceRow('0001', '10', { validFrom: 0, validTo: 5_000 }),
    priceRow('0001', '9', { validFrom: 4_000 }),
  ]
  assert.equal((await ask(rows)).changesAt, 4_000)
  assert.equal((await ask(rows, { at: 2_000 })).changesAt, undefined, 'a fixed instant never moves')
  assert.equal((await ask([priceRow('0001', '10')])).changesAt, undefined)
})

test('an ERP that fails for some SKUs leaves the others priced', async () => {
  const rows = [priceRow('0001', '10')]
  const answer = await ask(rows, { skus: [asSku('0001'), asSku('0002')] }, ['0002'])
  assert.equal(answer.items.length, 1)
  assert.deepEqual(answer.unpriced, [{ sku: '0002', reason: 'not-answered' }])
  assert.equal(answer.incomplete, true)
})

test('when nothing could be read, there is no answer', async () => {
  await assert.rejects(ask([], {}, ['0001']), UpstreamFailure)
})

test('a currency that the channel does not sell in is refused with those it does', async () => {
  await assert.rejects(
    ask([], { currency: 'USD' }),
    (error: unknown) =>
      error instanceof Problem &&
      error.code === 'currency-not-available' &&
      JSON.stringify(error.options.extensions) === '{"currencies":["EUR","CHF"]}',
  )
})
