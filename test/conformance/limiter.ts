import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import type { Limits } from '../../src/model/limits.ts'
import type { LimitCounter, LimitDecision } from '../../src/ports/limits.ts'
import { calendarWindow } from '../support/calendar-window.ts'
import type { TestClock } from '../support/test-clock.ts'

/** A counter and its time. */
export type LimiterSubject = {
  readonly counter: LimitCounter
  readonly clock: TestClock
  /** Lets time pass for the counter, wherever it keeps it. */
  pass(ms: number): Promise<void>
  close(): Promise<void>
}

export type LimiterSuite = {
  readonly name: string
  readonly skip?: string | undefined
  create(startsAt?: string): Promise<LimiterSubject>
  /** Seconds by which its own time may run ahead of the test's while the test runs. */
  readonly driftSeconds: number
  /** Runs of the random model. */
  readonly runs: number
}

const SECOND = 1000
/** One unit in 100 s: what real time passes during a test is far from another unit. */
const SLOW = { perSecond: 0.01, burst: 5 }

/** What every limit counter promises. */
export function runLimiterSuite({ name, skip, create, driftSeconds, runs }: LimiterSuite): void {
  describe(`limits in ${name}`, { skip }, () => {
    const open: LimiterSubject[] = []
    after(() => Promise.all(open.map(subject => subject.close())))

    const start = async (startsAt?: string) => {
      const subject = await create(startsAt)
      open.push(subject)
      const call = async (limits: Limits, cost = 1, key = 'acme'): Promise<LimitDecision> =>
        subject.counter.admit(key, limits, cost, subject.clock.now())
      return { ...subject, call }
    }

    const near = (actual: number | undefined, expected: number) =>
      assert.ok(
        actual !== undefined && actual <= expected && actual >= expected - driftSeconds,
        `${actual} s is not ${expected} s`,
      )

    it('lets a burst through at once and then one call for each unit of the rate', async () => {
      const { call, pass } = await start()
      for (let left = 4; left >= 0; left--) {
        const decision = await call({ rate: SLOW })
        assert.equal(decision.allowed, true)
        assert.equal(decision.rate?.remaining, left)
        assert.equal(decision.retryAfterSeconds, 0)
      }
      assert.equal((await call({ rate: SLOW })).violated, 'rate')
      await pass(100 * SECOND)
      assert.equal((await call({ rate: SLOW })).allowed, true)
      assert.equal((await call({ rate: SLOW })).allowed, false)
    })

    it('names the second from which a refused call passes, not one earlier', async () => {
      const { call, pass } = await start()
      await call({ rate: SLOW }, 4)
      const refused = await call({ rate: SLOW }, 3)
      near(refused.retryAfterSeconds, 200)
      await pass((refused.retryAfterSeconds - 1 - driftSeconds) * SECOND)
      assert.equal((await call({ rate: SLOW }, 3)).allowed, false)
      await pass((1 + driftSeconds) * SECOND)
      assert.equal((await call({ rate: SLOW }, 3)).allowed, true)
    })

    it('lets a call that costs more than the burst through from a full bucket, on credit', async () => {
      const { call, pass } = await start()
      const decision = await call({ rate: SLOW }, 12)
      assert.equal(decision.allowed, true)
      assert.equal(decision.rate?.remaining, 0)
      const refused = await call({ rate: SLOW })
      near(refused.retryAfterSeconds, 800)
      near(refused.rate?.resetSeconds, 800)
      await pass(800 * SECOND)
      assert.equal((await call({ rate: SLOW })).allowed, true)
      const large = await call({ rate: SLOW }, 12)
      near(large.retryAfterSeconds, 500)
    })

    it('counts a quota to its last unit and starts afresh at the calendar boundary', async () => {
      const { call, pass } = await start('2026-11-23T22:00:00+01:00')
      const quota = { units: 10, window: calendarWindow('day', 'Europe/Berlin') }
      const first = await call({ quota }, 7)
      assert.deepEqual(first.quota, { remaining: 3, resetSeconds: 7200 })
      const refused = await call({ quota }, 4)
      assert.equal(refused.violated, 'quota')
      assert.equal(refused.retryAfterSeconds, 7200)
      assert.equal((await call({ quota }, 3)).quota?.remaining, 0)
      await pass(7200 * SECOND - 1)
      assert.equal((await call({ quota })).allowed, false)
      await pass(1)
      assert.deepEqual((await call({ quota })).quota, { remaining: 9, resetSeconds: 86400 })
    })

    for (const [day, hours] of [
      ['2026-03-29', 23],
      ['2026-10-25', 25],
    ] as const) {
      it(`knows that ${day} has ${hours} hours in Berlin`, async () => {
        const midnight = day === '2026-03-29' ? `${day}T00:00:00+01:00` : `${day}T00:00:00+02:00`
        const { call, pass } = await start(midnight)
        const quota = { units: 1, window: calendarWindow('day', 'Europe/Berlin') }
        assert.equal((await call({ quota })).quota?.resetSeconds, hours * 3600)
        await pass(hours * 3600 * SECOND - 1)
        assert.equal((await call({ quota })).retryAfterSeconds, 1)
        await pass(1)
        assert.equal((await call({ quota })).allowed, true)
      })
    }

    it('never lets a call pass that costs more than the whole quota', async () => {
      const { call } = await start()
      const quota = { units: 10, window: calendarWindow('month', 'UTC') }
      assert.equal((await call({ quota }, 11)).violated, 'quota')
      assert.equal((await call({ quota }, 10)).allowed, true)
    })

    it('keeps calls in flight within the plan and gives a slot back once', async () => {
      const { call } = await start()
      const limits = { concurrency: { max: 2 } }
      const first = await call(limits)
      const second = await call(limits)
      assert.equal(second.concurrency?.remaining, 0)
      const refused = await call(limits)
      assert.equal(refused.violated, 'concurrency')
      assert.equal(refused.retryAfterSeconds, 1)
      refused.release()
      first.release()
      first.release()
      assert.equal((await call(limits)).allowed, true)
      assert.equal((await call(limits)).allowed, false)
      second.release()
      assert.equal((await call(limits)).allowed, true)
    })

    it('takes nothing from any limit when one of them refuses', async () => {
      const { call } = await start()
      const window = calendarWindow('day', 'UTC')
      const all = (burst: number, units: number, max: number): Limits => ({
        rate: { perSecond: 0.01, burst },
        quota: { units, window },
        concurrency: { max },
      })
      const held = await call(all(5, 10, 1))
      assert.equal((await call(all(5, 10, 1))).violated, 'concurrency')
      held.release()
      for (let i = 0; i < 3; i++) assert.equal((await call(all(5, 10, 9), 7)).violated, 'rate')
      for (let i = 0; i < 3; i++) assert.equal((await call(all(5, 3, 9), 3)).violated, 'quota')
      const last = await call(all(5, 10, 1), 4)
      assert.equal(last.allowed, true)
      assert.equal(last.rate?.remaining, 0)
      assert.equal(last.quota?.remaining, 5)
    })

    it('names the limit that keeps the caller waiting longest', async () => {
      const { call } = await start('2026-11-23T23:59:00Z')
      const window = calendarWindow('day', 'UTC')
      const limits = { rate: SLOW, quota: { units: 5, window }, concurrency: { max: 1 } }
      await call(limits, 5)
      const refused = await call(limits)
      assert.equal(refused.violated, 'rate')
      near(refused.retryAfterSeconds, 100)
    })

    it('keeps consumers apart', async () => {
      const { call } = await start()
      await call({ rate: SLOW }, 5, 'acme')
      assert.equal((await call({ rate: SLOW }, 1, 'acme')).allowed, false)
      assert.equal((await call({ rate: SLOW }, 5, 'other')).allowed, true)
    })

    it('says nothing of limits that the plan does not set', async () => {
      const { call } = await start()
      const decision = await call({})
      assert.equal(decision.allowed, true)
      assert.deepEqual(
        [decision.rate, decision.quota, decision.concurrency],
        [undefined, undefined, undefined],
      )
    })

    it('agrees with a plain model of itself whatever is called when', async () => {
      const steps = fc.array(
        fc.oneof(
          { weight: 4, arbitrary: fc.record({ call: fc.integer({ min: 1, max: 7 }) }) },
          { weight: 1, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 8 }) }) },
          { weight: 1, arbitrary: fc.constant({ finish: true }) },
        ),
        { maxLength: 40 },
      )
      const window = calendarWindow('hour', 'UTC')
      const limits = { rate: SLOW, quota: { units: 12, window }, concurrency: { max: 3 } }
      await fc.assert(
        fc.asyncProperty(steps, async script => {
          const subject = await start()
          const model = createModel(limits, subject.clock)
          const running: LimitDecision[] = []
          for (const step of script) {
            if ('call' in step) {
              const decision = await subject.call(limits, step.call)
              assert.equal(decision.allowed, model.admit(step.call))
              assert.equal(decision.rate?.remaining, Math.max(0, model.tokens))
              assert.equal(decision.quota?.remaining, 12 - model.used)
              assert.equal(decision.concurrency?.remaining, 3 - model.inFlight)
              if (decision.allowed) running.push(decision)
            } else if ('pass' in step) {
              await subject.pass(step.pass * 100 * SECOND)
              model.pass(step.pass)
            } else if (running.length > 0) {
              running.shift()?.release()
              model.inFlight--
            }
          }
          await open.pop()?.close()
        }),
        { numRuns: runs },
      )
    })
  })
}

/** The rules, in whole units and steps of 100 s. */
function createModel(limits: Required<Limits>, clock: TestClock) {
  let period = limits.quota.window.at(clock.now()).startsAt
  return {
    tokens: limits.rate.burst,
    used: 0,
    inFlight: 0,
    pass(units: number) {
      this.tokens = Math.min(limits.rate.burst, this.tokens + units)
    },
    admit(cost: number): boolean {
      const { startsAt } = limits.quota.window.at(clock.now())
      if (startsAt !== period) this.used = 0
      period = startsAt
      const passes =
        this.tokens >= Math.min(limits.rate.burst, cost) &&
        this.used + cost <= limits.quota.units &&
        this.inFlight < limits.concurrency.max
      if (!passes) return false
      this.tokens -= cost
      this.used += cost
      this.inFlight++
      return true
    },
  }
}
