import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, rows, runningSandbox, SHIRT } from './running-sandbox.ts'

test('the catalogue lists every SKU and location once, page by page', async t => {
  const { client } = await runningSandbox(t)
  const all = rows(await client.get('/_control/catalogue'), 'items')
  assert.deepEqual(all[0], { sku: '100001', location: 'DC-EAST', onHand: 40 })
  assert.equal(new Set(all.map(({ location }) => location)).size, 8)
  assert.ok(new Set(all.map(({ sku }) => sku)).size >= 520)
  const paged: unknown[] = []
  for (;;) {
    const page = await client.get(`/_control/catalogue?limit=999&offset=${paged.length}`)
    paged.push(...rows(page, 'items'))
    if (rows(page, 'items').length < 999) break
  }
  assert.deepEqual(paged, all)
})

test('stock that somebody changes at the ERP is what it tells from then on', async t => {
  const { client } = await runningSandbox(t)
  const change = (onHand: unknown, sku = '100001') =>
    client.post('/_control/stock', { sku, location: 'STORE-12', onHand })
  assert.deepEqual((await change(7)).body, {
    sku: '100001',
    location: 'STORE-12',
    onHand: 7,
    seq: 1,
  })
  assert.equal(await client.stockOf(SHIRT, '1002'), '7,000')
  await change('3.250', '650001')
  assert.equal(await client.stockOf('000000000000650001', '1002'), '3,250')
})

test('calls are counted by name, as they arrive, until the counters are reset', async t => {
  const { client } = await runningSandbox(t)
  await Promise.all([client.readStock([SHIRT, '1000']), client.get('/erp/ping')])
  client.authorization = 'Basic ?'
  await client.get('/erp/ping')
  await client.get('/erp/elsewhere')
  const { body } = await client.get('/_control/calls')
  assert.deepEqual(body.byCall, { 'stock.read': 1, ping: 2, unknown: 1 })
  assert.equal(body.total, 4)
  await client.post('/_control/reset', { counters: true })
  const fresh = (await client.get('/_control/calls')).body
  assert.deepEqual(fresh, { total: 0, byCall: {}, peakConcurrency: 0 })
})

test('the peak is how many calls were at the ERP at the same time', async t => {
  const { client } = await runningSandbox(t)
  await client.post('/_control/faults', { hangRate: 1 })
  const leave = new AbortController()
  const hanging = [1, 2, 3].map(() => client.post('/erp/orders', {}, leave.signal).catch(() => {}))
  let figures: Answer
  do figures = await client.get('/_control/calls')
  while (figures.body.total !== 3)
  assert.equal(figures.body.peakConcurrency, 3)
  leave.abort()
  await Promise.all(hanging)
})

test('reset sets back what is named and nothing else', async t => {
  const { client } = await runningSandbox(t)
  await client.post('/_control/faults', { errorRate: 1, status: 418 })
  await client.createOrder('web-1')
  await client.post('/_control/stock', { sku: '100001', location: 'DC-EAST', onHand: 1 })
  assert.deepEqual((await client.post('/_control/reset', {})).body, { reset: [] })
  assert.equal((await client.createOrder('web-2')).status, 418)
  await client.post('/_control/reset', { faults: true })
  await client.createOrder('web-3')
  await client.post('/_control/reset', { data: true })
  assert.equal(await client.stockOf(SHIRT, '1000'), '40,000')
  assert.deepEqual(rows(await client.get('/_control/documents'), 'items'), [])
  assert.ok(Number((await client.get('/_control/calls')).body.total) > 0)
})

test('numbers go on after a reset, so that no reader takes new stock for old', async t => {
  const { client } = await runningSandbox(t)
  await client.createOrder('web-1')
  const before = (await client.get('/erp/ping')).body.SEQNR
  await client.post('/_control/reset', { data: true })
  const after = (await client.get('/erp/ping')).body.SEQNR
  assert.ok(Number(after) > Number(before))
  assert.equal((await client.get(`/erp/changes?after=${before}`)).body.NUMBER, 'CP010')
  assert.equal((await client.createOrder('web-2')).body.VBELN, '0010000002')
})

test('control input that cannot be is refused and says why', async t => {
  const { client } = await runningSandbox(t)
  const place = { sku: '100001', location: 'DC-EAST' }
  await client.createOrder('web-1')
  const refusals: [string, unknown, RegExp][] = [
    ['stock', { ...place, onHand: -1 }, /onHand/],
    ['stock', { ...place, onHand: 1.5 }, /whole pieces/],
    ['stock', { ...place, onHand: null }, /onHand/],
    ['stock', { ...place, sku: 'NONE', onHand: 1 }, /NONE/],
    ['stock', { ...place, location: 'MOON', onHand: 1 }, /MOON/],
    ['stock', { ...place, onHand: 1, onhand: 2 }, /onhand/],
    ['stock', '[]', /object/],
    ['stock', '{', /JSON/],
    ['order', { number: '0010000001', state: 'lost' }, /state/],
    ['order', { number: 10000001, state: 'shipped' }, /number/],
    ['faults', { errorRate: 2 }, /errorRate/],
    ['faults', { latencyMs: '5' }, /latencyMs/],
    ['faults', { status: 200 }, /status/],
    ['faults', { down: 1 }, /down/],
    ['faults', { upset: true }, /upset/],
    ['reset', { everything: true }, /everything/],
    ['reset', { data: 'yes' }, /data/],
  ]
  for (const [call, body, why] of refusals) {
    const answer = await client.post(`/_control/${call}`, body)
    assert.equal(answer.status, 400, `${call} ${JSON.stringify(body)}`)
    assert.match(String(answer.body.error), why)
  }
  for (const path of ['catalogue?limit=-1', 'catalogue?page=2', 'documents?type=letter']) {
    assert.equal((await client.get(`/_control/${path}`)).status, 400, path)
  }
  const missing = await client.post('/_control/order', { number: '0010000099', state: 'shipped' })
  assert.equal(missing.status, 404)
  assert.equal((await client.get('/_control/nothing')).status, 404)
})
