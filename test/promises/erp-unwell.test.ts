import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { startTestApp, type TestApp } from '../support/app.ts'

let app: TestApp
before(async () => {
  // An answer ages at once, nothing else is remembered, and the guard gives up before the operation does.
  app = await startTestApp({
    edit: {
      'erps/sandbox.yaml': text =>
        text
          .replace(/\nknowledge:\n( .*\n)+/, '\n')
          .replace('timeoutMs: 2000', 'timeoutMs: 400')
          .replace('halfOpenAfterMs: 2000', 'halfOpenAfterMs: 200'),
      'apis/inventory.yaml': text =>
        text
          .replaceAll('ttlSeconds: 15', 'ttlSeconds: 0.000001')
          .replaceAll('staleWhileRevalidateSeconds: 58', 'staleWhileRevalidateSeconds: 0')
          .replaceAll('clientMaxAgeSeconds: 5', 'clientMaxAgeSeconds: 0'),
    },
  })
})
after(() => app.close())
afterEach(async () => {
  await app.control('faults', {})
  // The breaker closes again on the first call that goes well.
  const deadline = performance.now() + 10_000
  for (;;) {
    // A SKU that was never asked for: only the ERP can answer it.
    const response = await ask(`recovery-${recoveries++}`)
    if (response.status === 200) break
    assert.ok(performance.now() < deadline, 'the connection recovers without a restart')
    await new Promise(setImmediate)
  }
})

/** An answer is fresh in the millisecond in which it was made. */
async function nextMillisecond(): Promise<void> {
  const now = Date.now()
  while (Date.now() === now) await new Promise(setImmediate)
}

let recoveries = 0
const ask = (sku: string) =>
  app.call(`/inventory/v2/availability?sku=${sku}`, { as: 'storefront-web' })

const ILLNESSES: [string, object, number, string, RegExp][] = [
  ['down', { down: true }, 502, 'erp-connection-lost', /error=connection_terminated/],
  ['hanging', { hangRate: 1 }, 504, 'erp-timeout', /error=connection_read_timeout/],
  ['answering garbage', { garbageRate: 1 }, 502, 'erp-garbled', /error=http_protocol_error/],
  ['failing', { errorRate: 1, status: 500 }, 502, 'erp-garbled', /received-status=500/],
  ['busy', { errorRate: 1, status: 503 }, 503, 'erp-busy', /received-status=503/],
]

for (const [name, faults, status, code, proxyStatus] of ILLNESSES) {
  test(`an ERP that is ${name} gives ${status} ${code}, and says where it failed`, async () => {
    await app.control('faults', faults)
    const response = await ask(`1000${41 + ILLNESSES.findIndex(i => i[0] === name)}`)
    const body = (await response.json()) as { code: string; retryable: boolean }
    assert.deepEqual([response.status, body.code], [status, code])
    assert.match(response.headers.get('proxy-status') ?? '', proxyStatus)
    assert.match(
      response.headers.get('proxy-status') ?? '',
      /^postern; error=\w+.*next-hop="sandbox"/,
    )
    assert.ok(!JSON.stringify(body).includes('127.0.0.1'))
  })

  test(`what was known before is still answered while the ERP is ${name}, marked stale`, async () => {
    const sku = `1000${61 + ILLNESSES.findIndex(i => i[0] === name)}`
    const before = (await (await ask(sku)).json()) as { items: { quantityBand: string }[] }
    await app.control('faults', faults)
    await nextMillisecond()
    const response = await ask(sku)
    assert.equal(response.status, 200)
    assert.match(response.headers.get('cache-status') ?? '', /hit; ttl=-\d+; detail=stale-if-error/)
    const after = (await response.json()) as typeof before
    assert.deepEqual(after.items[0]?.quantityBand, before.items[0]?.quantityBand)
  })
}
