import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestApp, type TestApp } from '../support/app.ts'

type Body = {
  items: {
    locations: { quantity?: { value: string } }[]
    freshness: { snapshotAt: string; stale: boolean }
  }[]
}

const SECONDS = 1
let app: TestApp
before(async () => {
  app = await startTestApp({
    edit: {
      'erps/sandbox.yaml': text =>
        text
          .replace('stock: { seconds: 5,', `stock: { seconds: ${SECONDS},`)
          .replace('timeoutMs: 2000', 'timeoutMs: 400'),
    },
  })
})
after(() => app.close())

const ask = async (sku: string, headers: Record<string, string> = {}) => {
  const path = `/inventory/v2/availability?sku=${sku}&location=DC-EAST`
  const response = await app.call(path, { as: 'platform-admin', headers })
  assert.equal(response.status, 200)
  const body = (await response.json()) as Body
  const [item] = body.items
  assert.ok(item)
  return { ...item, onHand: item.locations[0]?.quantity?.value, headers: response.headers }
}
const change = (sku: string, onHand: number) =>
  app.control('stock', { sku, location: 'DC-EAST', onHand })
const readsAtErp = async () =>
  ((await app.control('calls')) as { byCall: Record<string, number> }).byCall['stock.read'] ?? 0

test('a change at the ERP is in the answers within a second, long before their time is up', async () => {
  await ask('100021')
  const before = await readsAtErp()
  await change('100021', 4321)
  const deadline = performance.now() + 1_000
  let reads = 0
  for (;;) {
    reads++
    const { onHand } = await ask('100021')
    if (onHand === '4321') break
    assert.ok(performance.now() < deadline, `still ${onHand} after a second`)
    await new Promise(resolve => setTimeout(resolve, 25))
  }
  assert.ok(reads > 1)
  assert.equal((await readsAtErp()) - before, 1)
})

test('other questions about the same stock are answered without asking the ERP', async () => {
  for (const sku of ['100022', '100023']) await ask(sku)
  const before = await readsAtErp()
  const path = '/inventory/v2/availability?sku=100022&sku=100023&location=DC-EAST'
  assert.equal((await app.call(path, { as: 'platform-admin' })).status, 200)
  assert.equal(await readsAtErp(), before)
})

test('who may read through the cache is told what the ERP says now', async () => {
  await ask('100024')
  const before = await readsAtErp()
  await change('100024', 17)
  const { onHand } = await ask('100024', { 'cache-control': 'no-cache' })
  assert.equal(onHand, '17')
  assert.ok((await readsAtErp()) > before)
})

test('while the ERP is down what it said is told, and marked stale when its time is up', async t => {
  t.after(() => app.control('faults', {}))
  const { freshness: was } = await ask('100025')
  await app.control('faults', { down: true })
  // Another question about it, so that the answer is not a cached one.
  const path = '/inventory/v2/availability?sku=100025&location=DC-EAST&channel=web'
  const deadline = performance.now() + 15_000
  for (let other = 0; ; other++) {
    const response = await app.call(`${path}&sku=other-${other}`, { as: 'platform-admin' })
    assert.equal(response.status, 200)
    const { items } = (await response.json()) as Body
    const told = items.find(({ freshness }) => freshness.stale)
    if (told) {
      assert.ok(Date.parse(told.freshness.snapshotAt) >= Date.parse(was.snapshotAt))
      break
    }
    assert.ok(performance.now() < deadline, 'it is marked in the end')
    await new Promise(resolve => setTimeout(resolve, 100))
  }
})
