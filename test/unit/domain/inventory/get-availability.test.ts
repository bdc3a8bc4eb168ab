import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type AvailabilityQuery,
  getAvailability,
} from '../../../../src/domain/inventory/get-availability.ts'
import { Problem } from '../../../../src/kernel/problems.ts'
import { UpstreamFailure } from '../../../../src/kernel/upstream-failure.ts'
import { asChannelId, asLocationId, asSku } from '../../../../src/model/brand.ts'
import type { Channel } from '../../../../src/model/network.ts'
import { pieces, quantityText } from '../../../../src/model/quantity.ts'
import type { ErpStock } from '../../../../src/model/stock.ts'
import { erpCall, plainNetwork, plainStock, stockRow } from '../../../support/plain-sources.ts'

const web = asChannelId('web')
const everywhere = new Set(['east', 'west'])

/** Asks for SKU 0001 unless told otherwise. */
async function ask(
  rows: readonly ErpStock[],
  query: Partial<AvailabilityQuery> = {},
  channel: Partial<Channel> = {},
  down: readonly string[] = [],
) {
  const stock = plainStock(rows, down)
  const answer = await getAvailability(
    { skus: [asSku('0001')], regions: everywhere, ...query },
    { stock, network: plainNetwork(channel) },
    erpCall,
  )
  return { ...answer, item: answer.items[0], reads: stock.reads }
}

const sellable = (item: Awaited<ReturnType<typeof ask>>['item']) =>
  item?.sellable && quantityText(item.sellable)

test('all SKUs and locations are read in one batch', async () => {
  const skus = [asSku('0001'), asSku('0002'), asSku('0001')]
  const { reads } = await ask([], { skus })
  assert.equal(reads.length, 1)
  assert.equal(reads[0]?.keys.length, 6)
})

test("a store in the red does not eat a warehouse's stock", async () => {
  const rows = [stockRow('0001', 'DC-EAST', '5'), stockRow('0001', 'STORE-12', '-3')]
  assert.equal(sellable((await ask(rows)).item), '5')
})

test("a channel's buffer is kept back at every location", async () => {
  const rows = [stockRow('0001', 'DC-EAST', '5'), stockRow('0001', 'DC-WEST', '1')]
  const { item } = await ask(rows, { channel: web }, { bufferUnits: 2 })
  assert.equal(sellable(item), '3')
})

test('what is pooled never exceeds the stock and never goes below zero', async () => {
  const places = ['DC-EAST', 'STORE-12', 'DC-WEST']
  const counts = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(counts, fc.nat(20), async (onHand, bufferUnits) => {
      const rows = places.map((place, i) => stockRow('0001', place, String(onHand[i])))
      const { item } = await ask(rows, { channel: web }, { bufferUnits })
      const expected = onHand.reduce((sum, count) => sum + Math.max(0, count - bufferUnits), 0)
      assert.equal(sellable(item), String(expected))
      assert.equal(item?.availability, expected > 0 ? 'InStock' : 'OutOfStock')
    }),
  )
})

test('goods sold by weight are pooled to the gram', async () => {
  const rows = [
    stockRow('0001', 'DC-EAST', '1.25', { uom: 'KGM' }),
    stockRow('0001', 'DC-WEST', '0.755', { uom: 'KGM' }),
  ]
  assert.equal(sellable((await ask(rows)).item), '2.005')
})

test('stock in another unit is not added up; the answer says that it is incomplete', async () => {
  const rows = [
    stockRow('0001', 'DC-EAST', '4'),
    stockRow('0001', 'DC-WEST', '0.755', { uom: 'KGM' }),
  ]
  const { item, incomplete } = await ask(rows)
  assert.equal(sellable(item), '4')
  assert.equal(incomplete, true)
  assert.deepEqual(item?.unanswered, ['DC-WEST'])
})

test('low stock is called limited, at the threshold and below', async () => {
  for (const [onHand, term] of [
    ['0', 'OutOfStock'],
    ['1', 'LimitedAvailability'],
    ['3', 'LimitedAvailability'],
    ['4', 'InStock'],
  ] as const) {
    const rows = [stockRow('0001', 'DC-EAST', onHand)]
    const { item } = await ask(rows, { channel: web }, { lowStockUnits: 3 })
    assert.equal(item?.availability, term, onHand)
  }
})

test('out of stock with goods on the way is a back order, with the earliest date', async () => {
  const supply = (date: string, count: number) => ({
    nextSupply: { date, quantity: pieces(count) },
  })
  const { item } = await ask([
    stockRow('0001', 'DC-EAST', '0', supply('2026-12-05', 10)),
    stockRow('0001', 'STORE-12', '0', supply('2026-12-01', 4)),
    stockRow('0001', 'DC-WEST', '0', supply('2026-12-01', 6)),
  ])
  assert.equal(item?.availability, 'BackOrder')
  assert.deepEqual(item?.nextSupply, { date: '2026-12-01', quantity: pieces(10) })
})

test('an answer is as old as its oldest snapshot', async () => {
  const { item } = await ask([
    stockRow('0001', 'DC-EAST', '1', { requestedAt: 2_000 }),
    stockRow('0001', 'DC-WEST', '1', { requestedAt: 1_000 }),
  ])
  assert.equal(item?.snapshotAt, 1_000)
})

test('a SKU that no ERP knows is named as unknown, not as out of stock', async () => {
  const { items, unknownSkus } = await ask([stockRow('0001', 'DC-EAST', '1')], {
    skus: [asSku('0001'), asSku('1')],
  })
  assert.equal(items.length, 1)
  assert.deepEqual(unknownSkus, ['1'])
})

test('one ERP that is down leaves the others their say, and is named', async () => {
  const rows = [stockRow('0001', 'DC-EAST', '5'), stockRow('0001', 'DC-WEST', '7')]
  const { item, incomplete } = await ask(rows, {}, {}, ['DC-WEST'])
  assert.equal(sellable(item), '5')
  assert.equal(incomplete, true)
  assert.deepEqual(item?.unanswered, ['DC-WEST'])
})

test('a SKU is not called unknown while an ERP that may know it is down', async () => {
  const skus = [asSku('0001'), asSku('0002')]
  const rows = [stockRow('0001', 'DC-EAST', '5')]
  const answer = await ask(rows, { skus }, {}, ['DC-WEST'])
  assert.deepEqual(answer.unknownSkus, [])
  assert.deepEqual(answer.unansweredSkus, ['0002'])
})

test('when nothing could be learnt, there is no answer', async () => {
  await assert.rejects(ask([], {}, {}, ['DC-EAST', 'STORE-12', 'DC-WEST']), UpstreamFailure)
  await assert.rejects(ask([], {}, {}, ['DC-WEST']), UpstreamFailure)
})

test('without locations, only those in the regions of the caller count', async () => {
  const rows = [stockRow('0001', 'DC-EAST', '5'), stockRow('0001', 'DC-WEST', '7')]
  for (const channel of [web, undefined]) {
    const query = { regions: new Set(['west']), ...(channel && { channel }) }
    assert.equal(sellable((await ask(rows, query)).item), '7')
  }
})

test("a channel's pool bounds what is asked", async () => {
  const { reads } = await ask([], { channel: web }, { pool: [asLocationId('STORE-12')] })
  assert.deepEqual(reads[0]?.keys, [{ sku: '0001', location: 'STORE-12' }])
})

test('a place or channel that does not exist is refused by name', async () => {
  const refused = (code: string) => (error: unknown) =>
    error instanceof Problem && error.code === code
  await assert.rejects(ask([], { locations: [asLocationId('MOON')] }), refused('unknown-location'))
  await assert.rejects(ask([], { channel: asChannelId('tv') }), refused('unknown-channel'))
  await assert.rejects(ask([], { regions: new Set() }), refused('region-not-allowed'))
})
