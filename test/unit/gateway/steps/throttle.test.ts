import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Allowed, Handler } from '../../../../src/gateway/exchange.ts'
import { EMPTY, type Reply } from '../../../../src/gateway/reply.ts'
import { throttle } from '../../../../src/gateway/steps/throttle.ts'
import { silentLogger } from '../../../../src/kernel/logger.ts'
import { Problem } from '../../../../src/kernel/problems.ts'
import type { Limits } from '../../../../src/model/limits.ts'
import type { Mode, PlanPolicy } from '../../../../src/policy/policy-set.ts'
import { createMemoryLimits } from '../../../../src/store/memory-limits.ts'
import { calendarWindow } from '../../../support/calendar-window.ts'
import {
  allowed,
  headerOf,
  PLACE,
  testConsumer,
  testPlan,
  testPrincipal,
} from '../../../support/exchanges.ts'
import { TestClock } from '../../../support/test-clock.ts'

const OK: Reply = { status: 200, headers: [], body: EMPTY }

function governed(
  limits: Limits,
  options: {
    next?: Handler<Allowed>
    mode?: Mode
    later?: boolean
    plan?: Partial<PlanPolicy>
  } = {},
) {
  const clock = new TestClock()
  const memory = createMemoryLimits({ clock, maxKeys: 9, logger: silentLogger })
  const counter = options.later
    ? {
        ...memory,
        admit: async (...args: Parameters<typeof memory.admit>) => memory.admit(...args),
      }
    : memory
  const handler = throttle(
    {
      counter,
      cost: { at: PLACE, base: 1, perItems: { in: 'query', name: 'sku', count: 1 } },
      mode: options.mode ?? 'enforce',
      maxBodyBytes: 1000,
      clock,
    },
    options.next ?? (() => OK),
  )
  const principal = testPrincipal({
    consumer: testConsumer({ plan: testPlan({ limits, ...options.plan }) }),
  })
  const call = (url = '/x?sku=A', stance: 'enforce' | 'explain' = 'enforce') => {
    const exchange = allowed({ clock, url, principal, stance })
    return { exchange, run: () => handler(exchange) }
  }
  return { clock, call }
}

const refusedBy = (run: () => unknown): Problem => {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof Problem)
    return error
  }
  assert.fail('it passed')
}

const all: Limits = {
  rate: { perSecond: 50, burst: 100 },
  quota: { units: 50_000, window: calendarWindow('day', 'UTC') },
  concurrency: { max: 20 },
}

it('an allowed call is answered at once and says what is left', () => {
  const { call } = governed(all)
  const { exchange, run } = call()
  assert.equal(run(), OK)
  assert.equal(
    headerOf(exchange.replyHeaders, 'RateLimit-Policy'),
    '"rate";q=100;w=2, "day";q=50000;w=86400, "concurrency";q=20;qu="concurrent-requests"',
  )
  assert.equal(
    headerOf(exchange.replyHeaders, 'RateLimit'),
    '"rate";r=99;t=1, "day";r=49999;t=43200, "concurrency";r=19',
  )
  assert.deepEqual(exchange.trail, [
    {
      step: 'throttle',
      decision: 'pass',
      reason: 'within plan test-plan',
      policy: 'policies/test.yaml:1',
    },
  ])
})

it('a call over the rate is refused with the limit, the wait and the place that decided it', async () => {
  const { clock, call } = governed({ rate: { perSecond: 0.5, burst: 2 } })
  call('/x?sku=A&sku=B').run()
  const { exchange, run } = call()
  const problem = refusedBy(run)
  assert.equal(problem.code, 'rate-limited')
  assert.equal(problem.kind.status, 429)
  assert.equal(problem.options.retryAfterSeconds, 2)
  assert.deepEqual(problem.options.extensions, { 'violated-policies': ['rate'] })
  assert.equal(headerOf(exchange.replyHeaders, 'RateLimit'), '"rate";r=0;t=2')
  assert.equal(exchange.trail[0]?.decision, 'refuse')
  await clock.advance(2000)
  assert.equal(call().run(), OK)
})

it('a used-up quota and too many calls at once have problems of their own', async () => {
  const quota = governed({ quota: { units: 1, window: calendarWindow('month', 'UTC') } })
  quota.call().run()
  const exceeded = refusedBy(quota.call().run)
  assert.equal(exceeded.code, 'quota-exceeded')
  assert.deepEqual(exceeded.options.extensions, { 'violated-policies': ['month'] })

  const waiting = Promise.withResolvers<Reply>()
  const slots = governed({ concurrency: { max: 1 } }, { next: () => waiting.promise })
  const first = slots.call().run()
  assert.equal(refusedBy(slots.call().run).code, 'concurrency-exceeded')
  waiting.resolve(OK)
  await first
  assert.equal(await slots.call().run(), OK)
})

it('a call that fails gives its slot back', () => {
  const next = () => {
    throw new Error('broken')
  }
  const { call } = governed({ concurrency: { max: 1 } }, { next })
  assert.throws(call().run, /broken/)
  assert.throws(call().run, /broken/)
})

it('shadow mode and explanations note a refusal and let the call through', () => {
  const limits = { rate: { perSecond: 0.01, burst: 1 } }
  const shadow = governed(limits, { mode: 'shadow' })
  shadow.call().run()
  const noted = shadow.call()
  assert.equal(noted.run(), OK)
  assert.equal(noted.exchange.trail[0]?.decision, 'would-refuse')

  const { call } = governed(limits)
  call().run()
  const explained = call('/x?sku=A', 'explain')
  assert.equal(explained.run(), OK)
  assert.equal(explained.exchange.trail[0]?.decision, 'refuse')
})

it('a counter that answers later is waited for', async () => {
  const { call } = governed({ rate: { perSecond: 1, burst: 1 } }, { later: true })
  assert.equal(await call().run(), OK)
  await assert.rejects(async () => call().run(), { code: 'rate-limited' })
})

it('a plan without limits adds nothing', () => {
  const { call } = governed({})
  const { exchange, run } = call()
  assert.equal(run(), OK)
  assert.deepEqual(exchange.replyHeaders, [])
})

it('a plan with hours is refused outside of them, and told when they begin', async () => {
  const opens = Date.parse('2026-11-23T13:00:00Z')
  const hours = {
    calendar: 'office',
    windows: [{ kind: 'once' as const, from: opens, to: opens + 3_600_000 }],
  }
  const { clock, call } = governed({}, { plan: { hours } })
  const problem = refusedBy(call().run)
  assert.equal(problem.code, 'outside-hours')
  assert.equal(problem.options.retryAfterSeconds, 3600)
  await clock.advance(3_600_000)
  assert.equal(call().run(), OK)
})

it('a plan in shadow mode is counted and not enforced, whatever the operation says', () => {
  const limits: Limits = { rate: { perSecond: 1, burst: 1 } }
  const { call } = governed(limits, { plan: { mode: 'shadow' } })
  call().run()
  const second = call()
  assert.equal(second.run(), OK)
  assert.equal(second.exchange.trail.at(-1)?.decision, 'would-refuse')
})
