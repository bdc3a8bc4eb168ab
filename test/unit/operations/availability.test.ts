import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pieces } from '../../../src/model/quantity.ts'
import { stockRow } from '../../support/plain-sources.ts'
import { createWorld, jsonOf, problemOf, START, START_MS } from './support.ts'

const requestedAt = START_MS
const stock = [
  stockRow('0001', 'DC-EAST', '40', { requestedAt, gtin: '04006381333931' }),
  stockRow('0001', 'DC-WEST', '2', { requestedAt }),
]
const exact = ['inventory:read', 'inventory:quantity']

test('availability is worded as the contract promises', async () => {
  const reply = await createWorld({ stock, channel: { lowStockUnits: 3 } }).call(
    'getAvailability',
    {
      query: { sku: ['0001', '0404'], channel: 'web' },
      scopes: exact,
    },
  )
  assert.equal(reply.status, 200)
  assert.deepEqual(jsonOf(reply), {
    items: [
      {
        sku: '0001',
        gtin: '04006381333931',
        channel: 'web',
        availability: 'InStock',
        quantityBand: '6+',
        quantity: { value: '42', uom: 'EA' },
        asOf: START,
        freshness: { snapshotAt: START, ageSeconds: 0, stale: false },
        locations: [
          {
            location: 'DC-EAST',
            availability: 'InStock',
            quantityBand: '6+',
            quantity: { value: '40', uom: 'EA' },
          },
          {
            location: 'DC-WEST',
            availability: 'LimitedAvailability',
            quantityBand: '1-5',
            quantity: { value: '2', uom: 'EA' },
          },
        ],
      },
    ],
    unknownSkus: ['0404'],
    unansweredSkus: [],
    incomplete: false,
  })
})

test('who may not see exact quantities sees none, neither here nor on the way', async () => {
  const nextSupply = { date: '2026-12-01', quantity: pieces(10) }
  const world = createWorld({ stock: [stockRow('0001', 'DC-EAST', '0', { nextSupply })] })
  const query = { sku: ['0001'] }
  const text = JSON.stringify(jsonOf(await world.call('getAvailability', { query })))
  assert.doesNotMatch(text, /"quantity"/)
  assert.match(text, /"BackOrder".*"nextSupply":\{"date":"2026-12-01"\}/)
  const seen = JSON.stringify(jsonOf(await world.call('getAvailability', { query, scopes: exact })))
  assert.match(seen, /"nextSupply":\{"date":"2026-12-01","quantity":\{"value":"10","uom":"EA"\}\}/)
})

test('a query in a body answers like one in the URL', async () => {
  const world = createWorld({ stock })
  const query = { sku: ['0001'], location: ['DC-WEST'], channel: 'web' }
  const parsedBody = { skus: ['0001'], locations: ['DC-WEST'], channel: 'web' }
  assert.deepEqual(
    jsonOf(await world.call('queryAvailability', { parsedBody })),
    jsonOf(await world.call('getAvailability', { query })),
  )
})

test('the answer depends on the caller by its regions and its right to quantities alone', async () => {
  const traits = ['regions', 'scope:inventory:quantity']
  const world = createWorld({ stock })
  const query = { sku: ['0001'] }
  const east = jsonOf(await world.call('getAvailability', { query, traits, regions: ['east'] }))
  assert.match(JSON.stringify(east), /DC-EAST/)
  assert.doesNotMatch(JSON.stringify(east), /DC-WEST/)
})

test('an answer kept past its time says how old it has become, and that it is stale', async () => {
  const reply = await createWorld({ stock }).call('getAvailability', { query: { sku: ['0001'] } })
  const later = reply.freshness?.restamp?.(START_MS + 90_000)
  assert.match(JSON.stringify(later), /"ageSeconds":90,"stale":true/)
})

test('what an old copy of the ERP says is stale from the start', async () => {
  const old = stockRow('0001', 'DC-EAST', '1', { requestedAt: START_MS - 600_000 })
  const reply = await createWorld({ stock: [old] }).call('getAvailability', {
    query: { sku: ['0001'] },
  })
  assert.equal(reply.freshness?.stale, true)
  assert.match(JSON.stringify(jsonOf(reply)), /"ageSeconds":600,"stale":true/)
})

test('while one ERP is down the rest is told, and is not kept for long', async () => {
  const reply = await createWorld({ stock, down: ['DC-WEST'] }).call('getAvailability', {
    query: { sku: ['0001', '0002'] },
  })
  const body = jsonOf(reply)
  assert.equal(body.incomplete, true)
  assert.deepEqual(body.unansweredSkus, ['0002'])
  assert.equal(reply.freshness?.stale, true)
})

test('an ERP that is down is named in Proxy-Status', async () => {
  const down = ['DC-EAST', 'STORE-12', 'DC-WEST']
  const problem = await problemOf(
    createWorld({ down }).call('getAvailability', { query: { sku: ['0001'] } }),
  )
  assert.equal(problem.code, 'erp-unreachable')
  assert.match(problem.options.headers?.['Proxy-Status'] ?? '', /next-hop="erp-east"/)
})

test("the ERP call carries the caller's id, trace and work class", async () => {
  const world = createWorld({ stock })
  await world.call('getAvailability', { query: { sku: ['0001'] } })
  const call = world.stock.reads[0]?.call
  assert.equal(call?.workClass, 'browse')
  assert.match(call?.traceparent ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/)
  assert.ok(call?.correlationId)
})
