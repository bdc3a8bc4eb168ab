import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createPace, withBudget } from '../../../src/connectors/budget.ts'
import { UpstreamFailure } from '../../../src/kernel/upstream-failure.ts'
import type { ErpCall, ErpConnection } from '../../../src/ports/erp.ts'
import { TestClock } from '../../support/test-clock.ts'

// A storm of cache misses must look, to the ERP, like an ordinary afternoon.
test('no second holds more calls than the budget, whenever they are asked for', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.2, max: 20, noNaN: true }),
      fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 60 }),
      (perSecond, gaps) => {
        const pace = createPace(perSecond)
        let now = 0
        const begun: number[] = []
        for (const gap of gaps) {
          now += gap
          const at = pace.take(now, now + 5_000)
          if (typeof at === 'number') {
            assert.ok(at >= now && at <= now + 5_000)
            begun.push(at)
          } else assert.ok(at.freeInMs >= 5_000)
        }
        const most = Math.max(1, Math.floor(perSecond))
        const windowMs = (most / perSecond) * 1000
        for (const start of begun) {
          const inside = begun.filter(at => at >= start && at < start + windowMs - 1e-6)
          assert.ok(inside.length <= most, `${inside.length} of ${most}`)
        }
      },
    ),
  )
})

test('what does not fit waits for its turn, and is refused before it is sent when there is none in time', async () => {
  const clock = new TestClock()
  let asked = 0
  const erp: ErpConnection = {
    name: 'erp',
    capabilities: {} as ErpConnection['capabilities'],
    async ping() {
      asked++
    },
    async close() {},
  }
  const within = withBudget(erp, { perSecond: 2 }, clock)
  const call = (deadlineMs: number): ErpCall => ({
    signal: new AbortController().signal,
    deadlineAt: clock.monotonic() + deadlineMs,
    correlationId: 'c',
    workClass: 'browse',
  })
  await within.ping(call(100))
  await within.ping(call(100))
  await assert.rejects(
    within.ping(call(500)),
    (error: unknown) =>
      error instanceof UpstreamFailure &&
      error.kind === 'busy' &&
      error.details.retryAfterSeconds === 1,
  )
  const third = within.ping(call(2000))
  assert.equal(asked, 2)
  await clock.advance(1000)
  await third
  assert.equal(asked, 3)
  assert.equal(withBudget(erp, undefined, clock), erp)
})
