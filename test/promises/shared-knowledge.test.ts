import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestApp, type TestApp } from '../support/app.ts'
import { redisMissing, startRedis, type TestRedis } from '../support/redis.ts'

type Body = { items: { locations: { quantity?: { value: string } }[] }[] }

let redis: TestRedis
let one: TestApp
let other: TestApp

before(async () => {
  if (redisMissing) return
  redis = await startRedis()
  const env = { REDIS_URL: redis.url }
  one = await startTestApp({ env })
  other = await startTestApp({
    env: { ...env, POSTERN_SANDBOX_PORT: 'off' },
    edit: {
      'erps/sandbox.yaml': text => text.replace(/^address: .*$/m, `address: ${one.sandboxUrl}`),
    },
  })
  // Until both share what they know.
  for (let n = 0; ; n++) {
    const before = await readsAtErp()
    await Promise.all([ask(one, '100001'), ask(other, '100001')])
    if ((await readsAtErp()) === before && n > 0) break
    assert.ok(n < 100)
  }
})
after(async () => {
  await other?.close()
  await one?.close()
  await redis?.stop()
})

const ask = async (app: TestApp, sku: string): Promise<string | undefined> => {
  const path = `/inventory/v2/availability?sku=${sku}&location=DC-EAST`
  const response = await app.call(path, { as: 'platform-admin' })
  assert.equal(response.status, 200)
  const { items } = (await response.json()) as Body
  return items[0]?.locations[0]?.quantity?.value
}
const readsAtErp = async () =>
  ((await one.control('calls')) as { byCall: Record<string, number> }).byCall['stock.read'] ?? 0
const change = (sku: string, onHand: number) =>
  one.control('stock', { sku, location: 'DC-EAST', onHand })
const until = async (isSo: () => Promise<boolean>, what: string) => {
  const deadline = performance.now() + 5_000
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, what)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

const skip = redisMissing

test('what one process has asked for, the other knows', { skip }, async () => {
  const before = await readsAtErp()
  const said = await ask(one, '100021')
  assert.equal(await ask(other, '100021'), said)
  assert.equal((await readsAtErp()) - before, 1)
})

test('what both are asked for at the same time, one of them asks for', { skip }, async () => {
  const before = await readsAtErp()
  for (const sku of ['100022', '100023', '100024', '100025', '100026']) {
    const [a, b] = await Promise.all([ask(one, sku), ask(other, sku)])
    assert.equal(a, b)
  }
  assert.equal((await readsAtErp()) - before, 5)
})

test('a change at the ERP is in both processes’ answers, and is read once', { skip }, async () => {
  for (const app of [one, other]) await ask(app, '100027')
  const before = await readsAtErp()
  await change('100027', 777)
  for (const app of [one, other]) {
    await until(async () => (await ask(app, '100027')) === '777', 'it is told everywhere')
  }
  assert.equal((await readsAtErp()) - before, 1)
})

test('a purge that one process is told of is carried out by both', { skip }, async () => {
  for (const app of [one, other]) await ask(app, '100028')
  const response = await fetch(`${one.managementUrl}/admin/cache/invalidate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ groups: ['stock/100028'], soft: false }),
  })
  assert.equal(response.status, 200)
  const isMissed = async (app: TestApp) => {
    const path = '/inventory/v2/availability?sku=100028&location=DC-EAST'
    const { headers } = await app.call(path, { as: 'platform-admin' })
    return /fwd=/.test(headers.get('cache-status') ?? '')
  }
  await until(() => isMissed(other), 'the other process hears of it')
})

test('Redis may die and come back while both are read: no read fails, changes are told again', {
  skip,
}, async () => {
  let reading = true
  const readers = [one, other].map(async app => {
    for (let n = 0; reading; n++) {
      const path = `/inventory/v2/availability?sku=${100001 + (n % 60)}`
      const { status } = await app.call(path, { as: 'storefront-web' })
      assert.equal(status, 200)
    }
  })
  await redis.kill()
  await change('100029', 11)
  for (const app of [one, other]) {
    await until(async () => (await ask(app, '100029')) === '11', 'each follows the ERP alone')
  }
  await redis.start()
  await change('100029', 12)
  for (const app of [one, other]) {
    await until(async () => (await ask(app, '100029')) === '12', 'and together again')
  }
  reading = false
  await Promise.all(readers)
})
