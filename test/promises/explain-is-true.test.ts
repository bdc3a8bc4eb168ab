import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { explainCall } from '../../src/composition/explain-call.ts'
import { CONTRACTS_DIR, loadPolicySet } from '../../src/composition/load-policy-set.ts'
import { loadContracts } from '../../src/gateway/contract.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { startTestApp } from '../support/app.ts'

type Trail = {
  trail: { step: string; decision: string; policy: string }[]
  code: string
  operation?: string
}

const word = fc.constantFrom('web', 'store', 'b2b', 'marketplace', 'nowhere', '')
const calls = fc.record({
  as: fc.constantFrom(
    'storefront-web',
    'partner-acme',
    'pos-store-12',
    'finance-hub',
    'platform-admin',
  ),
  path: fc.constantFrom(
    '/inventory/v2/availability',
    '/inventory/v1/stock/100001',
    '/pricing/v1/prices',
    '/inventory/v2/nothing',
  ),
  query: fc.array(
    fc.oneof(
      fc.constantFrom('100001', '100002', 'a b').map(sku => ['sku', sku]),
      word.map(channel => ['channel', channel]),
      fc.constantFrom('DC-EAST', 'DC-WEST', 'STORE-12').map(location => ['location', location]),
      fc.constantFrom(['nope', '1'], ['currency', 'EUR']),
    ),
    { maxLength: 4 },
  ),
})

test('what explain says of a call is what the running gateway then does', async () => {
  // Rates that no number of tries exhausts: each explanation starts with a full bucket.
  const plenty = (text: string) =>
    text
      .replace(/perSecond: \d+, burst: \d+/g, 'perSecond: 100000, burst: 100000')
      .replace('units: 100000,', 'units: 100000000,')
  const app = await startTestApp({ edit: { 'plans.yaml': plenty } })
  try {
    const loaded = await loadPolicySet({
      directory: app.policiesDir,
      env: {},
      production: false,
      ownIssuer: 'http://127.0.0.1',
      demoHashes: () => undefined,
    })
    assert.ok(loaded.ok)
    const contracts = await loadContracts(CONTRACTS_DIR)
    let n = 0
    await fc.assert(
      fc.asyncProperty(calls, async ({ as, path, query }) => {
        const url = `${path}?${new URLSearchParams(query as [string, string][])}`
        const consumer = loaded.set.consumers.get(as)
        assert.ok(consumer)
        const told = await explainCall(
          { method: 'GET', url, headers: {}, body: Buffer.alloc(0) },
          consumer,
          loaded.set,
          { contracts, clock: systemClock },
        )
        const id = `explained-${n++}`
        const response = await app.call(url, { as, headers: { 'x-correlation-id': id } })
        await response.arrayBuffer()
        const done = (await (
          await fetch(`${app.managementUrl}/admin/explain/${id}`)
        ).json()) as Trail
        const refusal = (trail: Trail['trail']) => {
          const found = trail.find(({ decision }) => decision === 'refuse')
          return found && `${found.step} at ${found.policy}`
        }
        assert.equal(refusal([...told.trail]), refusal(done.trail), url)
        assert.equal(told.operation, done.operation)
        // What the domain or the ERP says no to, no policy can foresee.
        const beyond = [
          'unknown-sku',
          'unknown-channel',
          'unknown-location',
          'region-not-allowed',
          'currency-not-available',
        ]
        if (told.outcome === 'passes')
          assert.ok(response.status < 400 || beyond.includes(done.code), `${url} ${done.code}`)
        else assert.ok(response.status >= 400, url)
      }),
      { numRuns: 300 },
    )
  } finally {
    await app.close()
  }
})
