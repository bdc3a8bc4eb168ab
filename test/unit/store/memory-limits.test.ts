import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { silentLogger } from '../../../src/kernel/logger.ts'
import type { Limits } from '../../../src/model/limits.ts'
import type { QuotaStore, QuotaUsage } from '../../../src/ports/quota-store.ts'
import { createMemoryLimits } from '../../../src/store/memory-limits.ts'
import { calendarWindow } from '../../support/calendar-window.ts'
import { HandSetClock } from '../../support/hand-set-clock.ts'
import { TestClock } from '../../support/test-clock.ts'

const HOUR = 3_600_000
const day = calendarWindow('day', 'UTC')

function counting(options: { clock?: TestClock; maxKeys?: number; quotaStore?: QuotaStore } = {}) {
  const clock = options.clock ?? new TestClock()
  const { maxKeys = 100, quotaStore } = options
  const counter = createMemoryLimits({
    clock,
    maxKeys,
    logger: silentLogger,
    ...(quotaStore && { quotaStore }),
  })
  const call = (limits: Limits, cost = 1, key = 'acme') =>
    counter.admit(key, limits, cost, clock.now())
  return { clock, counter, call }
}

/** A store in an array: what a database would hold. */
function storeOf(rows: QuotaUsage[] = []) {
  const store = {
    rows,
    failing: false,
    saves: 0,
    async load() {
      if (store.failing) throw new Error('no database')
      return store.rows
    },
    async save(usages: readonly QuotaUsage[]) {
      if (store.failing) throw new Error('no database')
      store.saves++
      store.rows = [...usages]
    },
  }
  return store
}

describe('limits in memory', () => {
  it('decide at once, without a promise', () => {
    const { call } = counting()
    assert.equal(call({ rate: { perSecond: 1, burst: 1 } }) instanceof Promise, false)
  })

  // A rate that leaks lets a partner's crawler take what the tills need.
  it('never give more than the burst and the rate in any window of time', async () => {
    const rate = { perSecond: 7, burst: 10 }
    const steps = fc.array(
      fc.record({
        waitMs: fc.integer({ min: 0, max: 900 }),
        cost: fc.integer({ min: 1, max: 14 }),
      }),
      { maxLength: 120 },
    )
    await fc.assert(
      fc.asyncProperty(steps, async script => {
        const { clock, call } = counting()
        const spent: { at: number; cost: number }[] = []
        for (const { waitMs, cost } of script) {
          await clock.advance(waitMs)
          if (call({ rate }, cost).allowed) spent.push({ at: clock.monotonic(), cost })
        }
        for (let from = 0; from < spent.length; from++) {
          let units = 0
          for (const { at, cost } of spent.slice(from)) {
            units += cost
            // A call above the burst goes on credit: what it exceeds the burst by is paid off later.
            const credit = Math.max(0, cost - rate.burst)
            const elapsed = (at - (spent[from]?.at ?? 0)) / 1000
            assert.ok(units <= rate.burst + rate.perSecond * elapsed + credit + 1e-3)
          }
        }
      }),
    )
  })

  it('let a refused call pass exactly when they said, at any rate', async () => {
    const rates = fc.record({
      perSecond: fc.double({ min: 0.01, max: 1000, noNaN: true }),
      burst: fc.integer({ min: 1, max: 500 }),
      cost: fc.integer({ min: 1, max: 500 }),
    })
    await fc.assert(
      fc.asyncProperty(rates, async ({ cost, ...rate }) => {
        const { clock, call } = counting()
        call({ rate }, rate.burst)
        const refused = call({ rate }, cost)
        assert.equal(refused.allowed, false)
        await clock.advance(refused.retryAfterSeconds * 1000)
        assert.equal(call({ rate }, cost).allowed, true)
      }),
    )
  })

  it('neither grant nor block when the wall clock is set back or forth', async () => {
    const clock = new HandSetClock('2026-11-23T12:00:00Z')
    const { call } = counting({ clock })
    const limits = { rate: { perSecond: 1, burst: 2 }, quota: { units: 10, window: day } }
    call(limits, 2)
    for (const ms of [-40 * 60_000, 80 * 60_000, -5 * HOUR]) {
      clock.setBy(ms)
      assert.equal(call(limits).violated, 'rate')
    }
    await clock.advance(1000)
    assert.equal(call(limits).quota?.remaining, 7)
  })

  it('do not grant a quota again when the clock is set back over midnight', () => {
    const clock = new HandSetClock('2026-11-23T00:10:00Z')
    const { call } = counting({ clock })
    const quota = { units: 10, window: day }
    call({ quota }, 10)
    clock.setBy(-HOUR)
    assert.equal(call({ quota }).violated, 'quota')
  })

  it('free a consumer whose quota was counted by a clock years ahead at the next period', () => {
    const clock = new HandSetClock('2031-05-05T12:00:00Z')
    const { call } = counting({ clock })
    const quota = { units: 10, window: day }
    call({ quota }, 10)
    clock.setBy(-4 * 365 * 24 * HOUR)
    const refused = call({ quota })
    assert.equal(refused.violated, 'quota')
    assert.ok(refused.retryAfterSeconds <= 24 * 3600)
    clock.setBy(24 * HOUR)
    assert.equal(call({ quota }).allowed, true)
  })

  it('forget idle consumers but never a used quota, a debt or a call in flight', async () => {
    const { clock, counter, call } = counting({ maxKeys: 10 })
    const rate = { perSecond: 1, burst: 5 }
    call({ rate, quota: { units: 5, window: day } }, 5, 'spent').release()
    call({ concurrency: { max: 1 } }, 1, 'busy')
    for (let i = 0; i < 1000; i++) {
      call({ rate }, 5, `passer-by-${i}`).release()
      await clock.advance(5000)
    }
    assert.ok(counter.size <= 12, `${counter.size} accounts`)
    assert.equal(call({ rate, quota: { units: 5, window: day } }, 1, 'spent').violated, 'quota')
    assert.equal(call({ concurrency: { max: 1 } }, 1, 'busy').violated, 'concurrency')
  })

  it('follow a plan whose limits change while it is in use', () => {
    const { call } = counting()
    call({ rate: { perSecond: 1, burst: 10 } }, 1)
    assert.equal(call({ rate: { perSecond: 1, burst: 3 } }).rate?.remaining, 2)
    assert.equal(call({}).allowed, true)
    assert.equal(call({ quota: { units: 2, window: day } }).quota?.remaining, 1)
  })
})

describe('quota counts', () => {
  const quota = { units: 10, window: day }

  it('are written behind the calls, once a second, and again on close', async () => {
    const store = storeOf()
    const { clock, counter, call } = counting({ quotaStore: store })
    await counter.ready
    for (let i = 0; i < 3; i++) call({ quota })
    assert.equal(store.saves, 0)
    await clock.advance(1000)
    assert.deepEqual(
      store.rows.map(({ key, window, used }) => ({ key, window, used })),
      [{ key: 'acme', window: 'day', used: 3 }],
    )
    call({ quota })
    await counter.close()
    assert.equal(store.rows[0]?.used, 4)
  })

  it('go on after a restart where they were', async () => {
    const store = storeOf()
    const before = counting({ quotaStore: store })
    await before.counter.ready
    before.call({ quota }, 9)
    await before.counter.close()
    const { counter, call } = counting({ quotaStore: store })
    await counter.ready
    assert.equal(call({ quota }).quota?.remaining, 0)
    assert.equal(call({ quota }).violated, 'quota')
    await counter.close()
  })

  it('of calls that came before the stored ones were loaded are added to them', async () => {
    const { startsAt, endsAt } = day.at(new TestClock().now())
    const store = storeOf([{ key: 'acme', window: 'day', startsAt, endsAt, used: 6 }])
    const { counter, call } = counting({ quotaStore: store })
    call({ quota }, 3)
    await counter.ready
    assert.equal(call({ quota }).quota?.remaining, 0)
    await counter.close()
    assert.equal(store.rows[0]?.used, 10)
  })

  it('of a period that has passed are not held against anybody', async () => {
    const { startsAt, endsAt } = day.at(new TestClock().now() - 24 * HOUR)
    const store = storeOf([{ key: 'acme', window: 'day', startsAt, endsAt, used: 10 }])
    const { counter, call } = counting({ quotaStore: store })
    await counter.ready
    assert.equal(call({ quota }).quota?.remaining, 9)
    await counter.close()
  })

  it('survive a store that fails for a while', async () => {
    const store = storeOf()
    store.failing = true
    const { clock, counter, call } = counting({ quotaStore: store })
    await counter.ready
    call({ quota }, 4)
    await clock.advance(1000)
    assert.equal(store.saves, 0)
    store.failing = false
    await counter.close()
    assert.equal(store.rows[0]?.used, 4)
  })
})
