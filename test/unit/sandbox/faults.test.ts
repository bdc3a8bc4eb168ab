import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { rows, runningSandbox, SHIRT } from './running-sandbox.ts'

test('errorRate: so many calls fail with the status, and do nothing', async t => {
  // Per call: jitter, hang, error; what comes after hits nothing.
  const draws = [0.5, 0.5, 0.29, 0.5, 0.5, 0.31]
  const { client } = await runningSandbox(t, { random: () => draws.shift() ?? 0.99 })
  await client.post('/_control/faults', { errorRate: 0.3, status: 503 })
  const failed = await client.createOrder('web-1')
  assert.equal(failed.status, 503)
  assert.equal(failed.body.TYPE, 'A')
  assert.equal((await client.createOrder('web-2')).body.TYPE, 'S')
  assert.equal(rows(await client.get('/_control/documents'), 'items').length, 1)
})

test('latencyMs and jitterMs: the answer waits as long as the clock says', async t => {
  const { client, clock } = await runningSandbox(t, { random: () => 0.5 })
  await client.post('/_control/faults', { latencyMs: 200, jitterMs: 100 })
  let answered = false
  const call = client.get('/erp/ping').then(() => {
    answered = true
  })
  while ((await client.get('/_control/calls')).body.total !== 1);
  await clock.advance(249)
  await client.get('/_control/calls')
  assert.equal(answered, false)
  await clock.advance(1)
  await call
})

test('down: connections are cut, idle and busy ones too, but never those to the controls', async t => {
  const { client, url } = await runningSandbox(t)
  const idle = connect(Number(new URL(url).port), '127.0.0.1')
  idle.write('GET /erp/ping HTTP/1.1\r\nHost: erp\r\n\r\n')
  await new Promise(resolve => idle.once('data', resolve))
  const cut = new Promise(resolve => idle.once('close', resolve))
  await client.post('/_control/faults', { hangRate: 1 })
  const busy = assert.rejects(client.get('/erp/ping'))
  while ((await client.get('/_control/calls')).body.total !== 2);
  await client.post('/_control/faults', { down: true })
  await Promise.all([cut, busy])
  await assert.rejects(client.get('/erp/ping'))
  await client.post('/_control/faults', { down: false })
  assert.equal((await client.get('/erp/ping')).status, 200)
})

test('hangRate: nothing is done and nothing answered until the caller gives up', async t => {
  const { client } = await runningSandbox(t)
  await client.post('/_control/faults', { hangRate: 1 })
  const leave = new AbortController()
  const order = { BSTNK: 'web-1', VTWEG: '10', WAERK: 'EUR', POSITIONEN: [] }
  const call = client.post('/erp/orders', order, leave.signal)
  while ((await client.get('/_control/calls')).body.total !== 1);
  leave.abort()
  await assert.rejects(call, { name: 'AbortError' })
  assert.deepEqual(rows(await client.get('/_control/documents'), 'items'), [])
})

test('garbageRate: the work is done, the answer is half of the JSON or a page of HTML', async t => {
  let draw = 0
  const { client } = await runningSandbox(t, { random: () => draw })
  await client.post('/_control/faults', { garbageRate: 1 })
  const half = await client.createOrder('web-1')
  assert.equal(half.status, 200)
  assert.ok(half.text.startsWith('{"TYPE":"S"'))
  assert.throws(() => JSON.parse(half.text))
  draw = 0.9
  assert.match((await client.createOrder('web-2')).text, /^<html>/)
  assert.equal(rows(await client.get('/_control/documents'), 'items').length, 2)
})

test('loseResponseRate: the work is done and nobody hears of it', async t => {
  const { client } = await runningSandbox(t)
  await client.post('/_control/faults', { loseResponseRate: 1 })
  await assert.rejects(client.createOrder('web-1'))
  await client.post('/_control/faults', {})
  assert.equal(rows(await client.get('/erp/orders?ref=web-1'), 'ET_BELEG').length, 1)
})

test('a caller who leaves while the ERP is slow has ordered nothing', async t => {
  const { client, clock } = await runningSandbox(t)
  await client.post('/_control/faults', { latencyMs: 1000 })
  const leave = new AbortController()
  const call = client.post('/erp/movements', { XBLNR: 'x' }, leave.signal)
  while ((await client.get('/_control/calls')).body.total !== 1);
  leave.abort()
  await assert.rejects(call)
  await clock.advance(2000)
  await client.post('/_control/reset', { faults: true })
  assert.equal(await client.stockOf(SHIRT, '1000'), '40,000')
})
