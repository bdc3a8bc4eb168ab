import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowanceFor } from '../../src/composition/erp-allowances.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLogger } from '../../src/kernel/logger.ts'
import type { ConnectionPolicy } from '../../src/policy/policy-set.ts'
import type { LimitCounter } from '../../src/ports/limits.ts'
import { openRedis } from '../../src/store/open-redis.ts'
import { countProcesses } from '../../src/store/process-count.ts'
import { redisMissing, startRedis } from '../support/redis.ts'

const PER_SECOND = 20
const CLASSES = [
  { name: 'till', weight: 4, floor: 0.2 },
  { name: 'batch', weight: 1, floor: 0 },
]
const settings = {
  name: 'erp',
  timeZone: 'UTC',
  budget: { perSecond: PER_SECOND },
  guard: { maxConcurrency: 6, timeoutMs: 1_000 },
} as unknown as ConnectionPolicy

/** A gateway process that sends as much as it may, for as long as it is told to. */
function greedyProcess(url: string, sent: number[], peak: { now: number; most: number }) {
  const redis = openRedis(url, silentLogger)
  const processes = countProcesses(redis, 'test:processes', systemClock)
  const allowance = allowanceFor(settings, CLASSES, {
    clock: systemClock,
    limits: {} as LimitCounter,
    shared: { redis, processes },
  })
  assert.ok(allowance)
  const closing = new AbortController()
  const send = async (workClass: string) => {
    while (!closing.signal.aborted) {
      const allowed = await allowance.take(workClass)
      if (!allowed.ok) {
        const pause = Math.min(50, allowed.againInMs)
        await systemClock.sleep(pause, closing.signal).catch(() => {})
        continue
      }
      sent.push(performance.now())
      peak.most = Math.max(peak.most, ++peak.now)
      await systemClock.sleep(20)
      peak.now--
      allowed.giveBack()
    }
  }
  const senders = ['till', 'batch', 'batch', 'batch'].map(send)
  return {
    async ready() {
      while (processes.processes < 2) await systemClock.sleep(20)
    },
    async stop() {
      closing.abort()
      await Promise.all(senders)
      await allowance.close()
      await processes.close()
      redis.disconnect()
    },
  }
}

/** The most that any second holds. */
const mostInASecond = (sent: readonly number[]): number =>
  Math.max(0, ...sent.map(at => sent.filter(other => other >= at && other < at + 1_000).length))

test('two processes never exceed the budget in sum, though Redis is killed and comes back empty', {
  skip: redisMissing,
  timeout: 60_000,
}, async t => {
  const redis = await startRedis()
  t.after(() => redis.stop())
  const sent: number[] = []
  const peak = { now: 0, most: 0 }
  const both = [greedyProcess(redis.url, sent, peak), greedyProcess(redis.url, sent, peak)]
  t.after(() => Promise.all(both.map(one => one.stop())))
  /** Resolves when so many more requests have left. */
  const more = async (count: number) => {
    const goal = sent.length + count
    while (sent.length < goal) await systemClock.sleep(10)
  }
  await Promise.all(both.map(one => one.ready()))
  await more(30)
  const killedAt = performance.now()
  await redis.kill()
  // Each goes on with its part.
  await more(20)
  const startedAt = performance.now()
  await redis.start()
  await more(60)
  const most = mostInASecond(sent)
  const at = sent.find(t => sent.filter(o => o >= t && o < t + 1_000).length === most) ?? 0
  const when = `${Math.round(at - killedAt)} ms after the kill, ${Math.round(at - startedAt)} after the start`
  assert.ok(most <= PER_SECOND, `${most} in the second that began ${when}`)
  assert.ok(peak.most <= settings.guard.maxConcurrency, `${peak.most} at a time`)
})
