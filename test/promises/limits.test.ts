import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startTestApp, type TestApp } from '../support/app.ts'
import { redisMissing, startRedis } from '../support/redis.ts'

const path = '/inventory/v2/availability?sku=100001'
const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code

const partnerQuota = (units: number) => ({
  'plans.yaml': (text: string) => text.replace('units: 100000,', `units: ${units},`),
})

test('a burst passes, what is beyond it is told when to come back, and the ERP hears nothing of it', async () => {
  const app = await startTestApp()
  try {
    await app.call(path, { as: 'partner-acme' })
    await app.control('reset', { counters: true })
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => app.call(path, { as: 'partner-acme' })),
    )
    assert.ok(replies.every(r => r.status === 200))
    const more: Response[] = []
    for (let i = 0; i < 60; i++)
      more.push(await app.call(`${path}&sku=${i}`, { as: 'partner-acme' }))
    const refused = more.find(r => r.status === 429)
    assert.ok(refused, 'sixty more within the second are too many')
    assert.equal(await codeOf(refused), 'rate-limited')
    assert.ok(Number(refused.headers.get('retry-after')) >= 1)
    assert.match(refused.headers.get('ratelimit-policy') ?? '', /"rate";q=40;w=2/)
    assert.match(refused.headers.get('ratelimit') ?? '', /"rate";r=0;t=\d+/)
    const passed = more.filter(r => r.status === 200).length
    const { byCall } = (await app.control('calls')) as { byCall: Record<string, number> }
    assert.equal(byCall['stock.read'], passed)
  } finally {
    await app.close()
  }
})

test('a used quota stays used over a restart, and a refused call uses none of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-quota-'))
  const start = (): Promise<TestApp> =>
    startTestApp({ dataDir: join(folder, 'data'), edit: partnerQuota(3) })
  let app = await start()
  try {
    const statuses: number[] = []
    for (let i = 0; i < 5; i++) statuses.push((await app.call(path, { as: 'partner-acme' })).status)
    assert.deepEqual(statuses, [200, 200, 200, 429, 429])
    await app.close()
    app = await start()
    const refused = await app.call(path, { as: 'partner-acme' })
    assert.equal(refused.status, 429)
    assert.match(refused.headers.get('ratelimit') ?? '', /"day";r=0/)
    assert.equal(await codeOf(refused), 'quota-exceeded')
    assert.equal((await app.call(path, { as: 'platform-admin' })).status, 200)
  } finally {
    await app.close()
    await rm(folder, { recursive: true, force: true })
  }
})

test('a larger question costs more', async () => {
  const app = await startTestApp({ edit: partnerQuota(12) })
  try {
    const skus = Array.from({ length: 200 }, (_, i) => String(100001 + i))
    const ask = () =>
      app.call('/inventory/v2/availability/query', { as: 'partner-acme', body: { skus } })
    const first = await ask()
    assert.equal(first.status, 200)
    assert.match(first.headers.get('ratelimit') ?? '', /"day";r=2/)
    assert.equal((await ask()).status, 429)
  } finally {
    await app.close()
  }
})

test('Redis dying under load fails no call, and the metrics say that limits are counted alone', {
  skip: redisMissing,
}, async () => {
  const redis = await startRedis()
  const app = await startTestApp({ env: { REDIS_URL: redis.url } })
  try {
    assert.equal((await app.call(path)).status, 200)
    let going = true
    const statuses = new Set<number>()
    const load = Array.from({ length: 8 }, async () => {
      while (going) statuses.add((await app.call(path, { as: 'storefront-web' })).status)
    })
    await redis.stop()
    const isDegraded = async () =>
      (await app.metric('postern_limits_degraded')).includes('postern_limits_degraded 1')
    const deadline = performance.now() + 20_000
    while (!(await isDegraded()))
      assert.ok(performance.now() < deadline, 'degradation shows in the metrics')
    going = false
    await Promise.all(load)
    assert.deepEqual([...statuses], [200])
  } finally {
    await app.close()
    await redis.stop()
  }
})
