import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withMaintenance } from '../../../src/connectors/maintenance.ts'
import { UpstreamFailure } from '../../../src/kernel/upstream-failure.ts'
import type { ErpCall, ErpConnection } from '../../../src/ports/erp.ts'
import { TestClock } from '../../support/test-clock.ts'

const call = { signal: new AbortController().signal, correlationId: 'c', workClass: 'browse' }

test('in a maintenance window the ERP is not called, and callers are told when it is back', async () => {
  let asked = 0
  const erp: ErpConnection = {
    name: 'erp',
    capabilities: {} as ErpConnection['capabilities'],
    inventory: {
      async readStock() {
        asked++
        return []
      },
    },
    async ping() {
      asked++
    },
    async close() {},
  }
  const clock = new TestClock()
  const maintained = withMaintenance(erp, clock)
  const erpCall: ErpCall = { ...call, deadlineAt: clock.monotonic() + 1000 }
  await maintained.inventory?.readStock([], erpCall)
  assert.equal(asked, 1)

  maintained.maintainDuring([{ kind: 'once', from: clock.now(), to: clock.now() + 90_000 }])
  for (const refused of [
    () => maintained.inventory?.readStock([], erpCall),
    () => maintained.ping(erpCall),
  ]) {
    await assert.rejects(
      async () => refused(),
      (error: unknown) =>
        error instanceof UpstreamFailure &&
        error.kind === 'unreachable' &&
        error.details.retryAfterSeconds === 90,
    )
  }
  assert.equal(asked, 1)
  assert.equal(maintained.pricing, undefined)

  clock.advance(90_000)
  await maintained.ping(erpCall)
  assert.equal(asked, 2)
})
