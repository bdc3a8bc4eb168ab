import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stockRow } from '../../support/plain-sources.ts'
import { createWorld, jsonOf, problemOf, START, START_MS } from './support.ts'

const requestedAt = START_MS
const stock = [
  stockRow('0001', 'DC-EAST', '2', { requestedAt }),
  stockRow('0001', 'DC-WEST', '0', { requestedAt }),
]
const pathParams = { sku: '0001' }

test('version 1 answers as it always did, from version 2', async () => {
  const reply = await createWorld({ stock }).call('getStock', { pathParams })
  assert.deepEqual(jsonOf(reply), {
    sku: '0001',
    inStock: true,
    available: '1-5',
    asOf: START,
    stale: false,
    locations: [
      { location: 'DC-EAST', inStock: true, available: '1-5' },
      { location: 'DC-WEST', inStock: false, available: '0' },
    ],
  })
})

test('exact quantities need the scope in version 1 too', async () => {
  const scopes = ['inventory:quantity']
  const reply = await createWorld({ stock }).call('getStock', { pathParams, scopes })
  assert.equal(jsonOf(reply).available, '2')
})

test('a SKU that no ERP knows is not found', async () => {
  const problem = await problemOf(createWorld({}).call('getStock', { pathParams }))
  assert.equal(problem.code, 'unknown-sku')
})

test('version 1, which cannot say "incomplete", gives no half answers', async () => {
  const world = createWorld({ stock, down: ['DC-WEST'] })
  assert.equal((await problemOf(world.call('getStock', { pathParams }))).code, 'erp-unreachable')
})
