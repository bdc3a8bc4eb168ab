import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestApp, type TestApp } from '../support/app.ts'

let app: TestApp
before(async () => {
  app = await startTestApp()
})
after(() => app.close())

const availability = (query: string) => `/inventory/v2/availability?${query}`
const counters = () => app.control('reset', { counters: true, faults: true })
type Calls = { total: number; byCall: Record<string, number>; peakConcurrency: number }
const calls = () => app.control('calls') as Promise<Calls>

test('a token from the endpoint opens what its scopes say, and nothing else', async () => {
  const token = await app.tokenOf('storefront-web', 'inventory:read')
  const bearer = { authorization: `Bearer ${token}` }
  const ok = await fetch(app.publicUrl + availability('sku=100001'), { headers: bearer })
  assert.equal(ok.status, 200)
  const refused = await fetch(`${app.publicUrl}/pricing/v1/prices?sku=100001&channel=web`, {
    headers: bearer,
  })
  assert.equal(refused.status, 403)
  const problem = (await refused.json()) as Record<string, unknown>
  assert.deepEqual(problem.missingScopes, ['pricing:read'])
  assert.equal(problem.contact, 'pricing-api@retail.example')
  assert.match(refused.headers.get('www-authenticate') ?? '', /insufficient_scope.*pricing:read/)
})

test('what the gateway says of stock is what the ERP holds, less the channel buffer', async () => {
  const { items } = (await app.control('catalogue?limit=40')) as {
    items: { sku: string; location: string; onHand: number }[]
  }
  for (const { sku, location, onHand } of items) {
    const response = await app.call(availability(`sku=${sku}&location=${location}`))
    const body = (await response.json()) as {
      items: { quantity: { value: string } }[]
    }
    assert.equal(Number(body.items[0]?.quantity.value), Math.max(0, onHand), `${sku} ${location}`)
  }
})

test('a thousand simultaneous identical misses make one call of the ERP', async () => {
  await counters()
  await app.control('faults', { latencyMs: 150 })
  const path = availability('sku=100011&sku=100012&channel=web')
  const replies = await Promise.all(
    Array.from({ length: 1000 }, () => app.call(path, { as: 'storefront-web' })),
  )
  await app.control('faults', {})
  assert.deepEqual([...new Set(replies.map(r => r.status))], [200])
  const bodies = new Set(await Promise.all(replies.map(r => r.text())))
  assert.equal(bodies.size, 1)
  assert.equal((await calls()).byCall['stock.read'], 1)
})

test('exact quantities are for those who may see them, from one cache', async () => {
  const path = availability('sku=100021&location=STORE-12')
  const all = (await (await app.call(path, { as: 'pos-store-12' })).json()) as {
    items: { quantity?: unknown; quantityBand: string }[]
  }
  const band = (await (await app.call(path, { as: 'storefront-web' })).json()) as typeof all
  assert.ok(all.items[0]?.quantity)
  assert.equal(band.items[0]?.quantity, undefined)
  assert.equal(band.items[0]?.quantityBand, all.items[0]?.quantityBand)
})

test('a consumer is held to its channels and regions', async () => {
  const channel = await app.call(availability('sku=100001&channel=b2b'), { as: 'storefront-web' })
  assert.equal(channel.status, 403)
  assert.equal(((await channel.json()) as { code: string }).code, 'channel-not-allowed')
  const region = await app.call(availability('sku=100001&location=DC-WEST'), { as: 'pos-store-12' })
  assert.equal(((await region.json()) as { code: string }).code, 'region-not-allowed')
  const body = { skus: ['100001'], channel: 'b2b' }
  const posted = await app.call('/inventory/v2/availability/query', { as: 'storefront-web', body })
  assert.equal(posted.status, 403)
})

test('every answer names its call, and the trace goes on to the ERP', async () => {
  const response = await app.call(availability('sku=100031'), {
    headers: { 'x-correlation-id': 'shop-4711' },
  })
  assert.equal(response.headers.get('x-correlation-id'), 'shop-4711')
  const line = app.log.find(l => l.correlationId === 'shop-4711')
  assert.equal(line?.operation, 'getAvailability')
  assert.equal(line?.consumer, 'platform-admin')
})

test('the log masks what the contract marks, and never carries a credential', async () => {
  await app.call('/pricing/v1/prices?sku=100001&channel=b2b&customerGroup=TRADE')
  const text = JSON.stringify(app.log)
  assert.ok(!text.includes('TRADE'))
  assert.ok(text.includes('[redacted]'))
  assert.ok(!text.includes(app.keyOf('platform-admin')))
})

test('a version on its way out says so, and is counted', async () => {
  const response = await app.call('/inventory/v1/stock/100001')
  assert.equal(response.headers.get('deprecation'), '@1790812800')
  assert.equal(response.headers.get('sunset'), 'Wed, 30 Jun 2027 22:00:00 GMT')
  assert.match(response.headers.get('link') ?? '', /<\/inventory\/v2>; rel="successor-version"/)
  const [line] = await app.metric('postern_deprecated_calls_total{')
  assert.match(line ?? '', /consumer="platform-admin".* [1-9]/)
})

test('a quote adds up, to the minor unit', async () => {
  const lines = ['100001', '100002', '100003'].map((sku, i) => ({
    lineId: `l${i}`,
    sku,
    quantity: { value: String(i + 1), uom: 'EA' },
  }))
  const response = await app.call('/pricing/v1/quotes', { body: { channel: 'web', lines } })
  assert.equal(response.status, 201)
  type Amount = { amountMinor: number }
  const quote = (await response.json()) as {
    lines: { net: Amount; tax: Amount; lineTotal: Amount }[]
    totals: { net: Amount; tax: Amount; gross: Amount }
  }
  for (const { net, tax, lineTotal } of quote.lines) {
    assert.equal(net.amountMinor + tax.amountMinor, lineTotal.amountMinor)
  }
  const sum = quote.lines.reduce((total, line) => total + line.lineTotal.amountMinor, 0)
  assert.equal(sum, quote.totals.gross.amountMinor)
})

test('what is not there, not allowed, too large or of the wrong type is told by problem', async () => {
  const cases: [string, Parameters<TestApp['call']>[1], number, string][] = [
    ['/inventory/v2/nothing', {}, 404, 'not-found'],
    ['/nowhere', {}, 404, 'not-found'],
    [availability('sku=1'), { method: 'DELETE' }, 405, 'method-not-allowed'],
    [availability('sku=1'), { headers: { accept: 'text/html' } }, 406, 'not-acceptable'],
    [
      '/pricing/v1/quotes',
      { body: 'x', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported-media-type',
    ],
    ['/pricing/v1/quotes', { body: `"${'x'.repeat(70_000)}"` }, 413, 'payload-too-large'],
    ['/pricing/v1/quotes', { body: '{' }, 400, 'invalid-request'],
    ['/inventory/v2/availability/query', { body: { skus: [] } }, 400, 'invalid-request'],
    [availability('sku=1&location=NOWHERE'), {}, 422, 'unknown-location'],
    ['/inventory/v1/stock/no-such-sku', {}, 404, 'unknown-sku'],
  ]
  for (const [path, options, status, code] of cases) {
    const response = await app.call(path, options)
    const body = (await response.json()) as { code: string; status: number; correlationId: string }
    assert.deepEqual([response.status, body.code], [status, code], path)
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
    assert.equal(body.correlationId, response.headers.get('x-correlation-id'))
  }
})

test('HEAD answers what GET would, without the body', async () => {
  const get = await app.call(availability('sku=100001'))
  const head = await app.call(availability('sku=100001'), { method: 'HEAD' })
  assert.equal(head.status, 200)
  assert.equal(head.headers.get('etag'), get.headers.get('etag'))
  assert.equal(await head.text(), '')
})

test('an operator can ask afterwards which line of which policy decided a call', async () => {
  const id = 'refused-0815'
  const headers = { 'x-correlation-id': id }
  await app.call('/inventory/v2/availability?sku=100001', { as: 'finance-hub', headers })
  const response = await fetch(`${app.managementUrl}/admin/explain/${id}`)
  const decision = (await response.json()) as {
    status: number
    consumer: string
    trail: { step: string; decision: string; policy: string }[]
  }
  assert.deepEqual([decision.status, decision.consumer], [403, 'finance-hub'])
  const refusal = decision.trail.at(-1)
  assert.deepEqual([refusal?.step, refusal?.decision], ['authorize', 'refuse'])
  assert.match(refusal?.policy ?? '', /^policies\/apis\/inventory\.yaml:\d+$/)
  assert.equal((await fetch(`${app.managementUrl}/admin/explain/nobody`)).status, 404)
})
