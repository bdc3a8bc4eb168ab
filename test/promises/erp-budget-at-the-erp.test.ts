import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { startTestApp, type TestApp } from '../support/app.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const withBudget = (budget: string) => ({
  'erps/sandbox.yaml': (text: string) =>
    // Nothing but the reads themselves: no list of changes is asked for.
    text.replace(/^ {2}pollMs: .*\n/m, '').replace(/^guard:/m, `budget: ${budget}\nguard:`),
})
const read = (app: TestApp, sku: number | string) =>
  app.call(`/inventory/v2/availability?sku=${sku}&location=DC-EAST`, { as: 'storefront-web' })
const callsAtErp = async (app: TestApp) => ((await app.control('calls')) as { total: number }).total

test('a storm of misses is shared, waits within its time, and the ERP gets what it bears', {
  timeout: 60_000,
}, async t => {
  const app = await startTestApp({ edit: withBudget('{ perSecond: 3 }') })
  t.after(() => app.close())
  const startedAt = performance.now()
  const replies = await Promise.all(
    Array.from({ length: 120 }, (_, i) => read(app, 100_001 + (i % 60))),
  )
  const seconds = (performance.now() - startedAt) / 1000
  const calls = await callsAtErp(app)
  assert.ok(calls <= 3 * Math.ceil(seconds / 1.05), `${calls} calls in ${seconds} s`)
  const refused = replies.filter(({ status }) => status !== 200)
  assert.ok(replies.length - refused.length >= 100, `${refused.length} refused`)
  for (const reply of refused) {
    assert.equal(reply.status, 503)
    assert.ok(Number(reply.headers.get('retry-after')) >= 1)
    assert.match(reply.headers.get('proxy-status') ?? '', /error=connection_limit_reached/)
  }
})

test('a day’s budget that is used up is told with the time until the next, and holds over a restart', {
  timeout: 60_000,
}, async t => {
  const edit = withBudget('{ perDay: 2 }')
  const dataDir = join(await temporaryFolder(t), 'data')
  let app = await startTestApp({ edit, dataDir })
  t.after(() => app.close())
  const isRefused = async (sku: string) => {
    const reply = await read(app, sku)
    assert.equal(reply.status, 503)
    const midnight = new Date().setUTCHours(24, 0, 0, 0)
    const seconds = (midnight - Date.now()) / 1000
    assert.ok(Math.abs(Number(reply.headers.get('retry-after')) - seconds) <= 5)
  }
  assert.equal((await read(app, 100_001)).status, 200)
  assert.equal((await read(app, 100_002)).status, 200)
  await isRefused('100003')
  // What is known is still told.
  assert.equal((await read(app, 100_001)).status, 200)
  assert.equal(await callsAtErp(app), 2)
  await app.close()
  app = await startTestApp({ edit, dataDir })
  await isRefused('100004')
})
