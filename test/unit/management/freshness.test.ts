import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import express from 'express'
import type { ShownErp } from '../../../src/management/erp-page.ts'
import { freshnessRoutes } from '../../../src/management/freshness.ts'

const erp: ShownErp = {
  connection: '<b>erp',
  budget: { perSecond: 40 },
  breaker: 'closed',
  inFlight: 1,
  queued: 0,
  calls: { 'inventory.readStock': { ok: 3, unreachable: 1 } },
  coalescingRatio: 2.5,
  meanBatchSize: 12,
  knownRatio: 0.75,
  sharedRatio: 0.1,
  overdueKeys: 0,
  staleness: { p50: 0.25, p99: 0.5 },
  budgetWait: { p50: 0.001, p99: undefined },
  changeLag: undefined,
}
const done: unknown[] = []
const app = express().use(
  '/admin',
  freshnessRoutes({
    invalidate: (groups, soft) => done.push({ groups, soft }),
    changed: async (connection, changes) => {
      done.push({ connection, changes })
      return connection === 'sandbox'
    },
    connections: async () => [erp],
  }),
)
let url = ''
const server = app.listen(0, '127.0.0.1')
before(async () => {
  await new Promise(resolve => server.once('listening', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/admin`
})
after(() => server.close())

const post = async (path: string, body: unknown) => {
  const reply = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: reply.status, body: (await reply.json()) as { message?: string } }
}

test('an ERP’s notice of changes is taken over, or refused with what is expected', async () => {
  const stock = [{ sku: '100001', location: 'DC-EAST' }]
  assert.deepEqual(await post('/erps/sandbox/changes', { stock, prices: [{ sku: '1' }] }), {
    status: 200,
    body: { taken: 2 },
  })
  assert.deepEqual(done.pop(), {
    connection: 'sandbox',
    changes: { stock, prices: [{ sku: '1' }] },
  })
  assert.equal((await post('/erps/other/changes', { stock })).status, 404)
  done.pop()
  for (const bad of [
    { stock: [{ sku: '1' }] },
    { stock: 'all' },
    { prices: [7] },
    { stock: Array.from({ length: 10_001 }, () => ({ sku: '1', location: 'A' })) },
  ]) {
    const { status, body } = await post('/erps/sandbox/changes', bad)
    assert.equal(status, 400)
    assert.match(body.message ?? '', /^(stock|prices): a list of \{sku/)
  }
  assert.deepEqual(done, [])
})

test('groups are invalidated softly unless it is said otherwise', async () => {
  await post('/cache/invalidate', { groups: ['stock/1'] })
  await post('/cache/invalidate', { groups: ['stock/1'], soft: false })
  assert.deepEqual(done.splice(0), [
    { groups: ['stock/1'], soft: true },
    { groups: ['stock/1'], soft: false },
  ])
  for (const bad of [{}, { groups: [] }, { groups: [1] }, { groups: ['a'], soft: 'yes' }]) {
    assert.equal((await post('/cache/invalidate', bad)).status, 400)
  }
  assert.deepEqual(done, [])
})

test('the figures are a page for people, which nothing in them can change', async () => {
  const page = await fetch(`${url}/erps`, { headers: { accept: 'text/html' } })
  assert.match(page.headers.get('content-security-policy') ?? '', /^default-src 'none'/)
  const html = await page.text()
  assert.ok(html.includes('&#60;b&#62;erp'))
  assert.ok(html.includes('40 a second') && html.includes('75.0 %'))
  const { connections } = (await (await fetch(`${url}/erps`)).json()) as { connections: object[] }
  assert.deepEqual(connections, [JSON.parse(JSON.stringify(erp))])
})
