import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { after, before, describe, it, type TestContext } from 'node:test'
import { silentLogger } from '../../../src/kernel/logger.ts'
import { openRedis } from '../../../src/store/open-redis.ts'
import { calendarWindow } from '../../support/calendar-window.ts'
import { redisMissing, startRedis, type TestRedis } from '../../support/redis.ts'
import { openRedisLimits } from '../../support/redis-limits.ts'

const rate = { perSecond: 0.01, burst: 10 }
const quota = { units: 100, window: calendarWindow('day', 'UTC') }

type Subject = Awaited<ReturnType<typeof openRedisLimits>>
const callOn = (subject: Subject, limits: object, cost = 1) =>
  subject.counter.admit('acme', limits, cost, subject.clock.now())

describe('limits shared in Redis', { skip: redisMissing }, () => {
  let redis: TestRedis
  before(async () => {
    redis = await startRedis()
  })
  after(() => redis.stop())

  it('are one limit for two processes, to the unit', async t => {
    const [one, two] = await openTwo(t, redis.url)
    const limits = { rate, quota: { ...quota, units: 7 } }
    const decisions = await Promise.all(
      Array.from({ length: 40 }, (_, i) => callOn(i % 2 ? one : two, limits)),
    )
    assert.equal(decisions.filter(d => d.allowed).length, 7)
    assert.equal(one.metrics.fallbackDecisions + two.metrics.fallbackDecisions, 0)
  })

  it('give back the slots of a process that was killed when their lease ends', async t => {
    const [killed, other] = await openTwo(t, redis.url)
    const limits = { concurrency: { max: 1 } }
    assert.equal((await callOn(killed, limits)).allowed, true)
    await killed.close()
    assert.equal((await callOn(other, limits)).violated, 'concurrency')
    await other.pass(60_000)
    assert.equal((await callOn(other, limits)).allowed, true)
  })

  it('leave no key without an end in Redis', async t => {
    const subject = await open(t, redis.url)
    await callOn(subject, { rate, quota, concurrency: { max: 3 } })
    const keys = await subject.redis.keys(`${subject.prefix}*`)
    assert.equal(keys.length, 3)
    for (const key of keys) assert.ok((await subject.redis.pttl(key)) > 0, key)
  })

  it('keep all keys of a consumer on one node of a cluster', async t => {
    const subject = await open(t, redis.url)
    await callOn(subject, { rate, quota, concurrency: { max: 3 } })
    const keys = await subject.redis.keys(`${subject.prefix}*`)
    const node = await startRedis(['--cluster-enabled', 'yes'])
    t.after(() => node.stop())
    const client = openRedis(node.url, silentLogger)
    t.after(() => client.disconnect())
    await once(client, 'ready')
    const slots = await Promise.all(keys.map(key => client.call('CLUSTER', 'KEYSLOT', key)))
    assert.equal(new Set(slots).size, 1)
  })
})

describe('limits when Redis fails', { skip: redisMissing }, () => {
  // On a sale day Redis dies: the storefront must go on answering, and the plans still hold.
  it('are decided in the process at once, and shared again when it is back', async t => {
    const redis = await startRedis()
    t.after(() => redis.stop())
    const subject = await open(t, redis.url)
    const limits = { rate, quota }
    await callOn(subject, limits, 4)

    const inFlight = Promise.all(Array.from({ length: 50 }, () => callOn(subject, limits)))
    await redis.kill()
    const decisions = await inFlight
    assert.ok(decisions.every(d => d.allowed || d.violated === 'rate'))
    await subject.metrics.until(true)

    const alone = callOn(subject, limits, 2)
    assert.equal(alone instanceof Promise, false)
    assert.ok(subject.metrics.fallbackDecisions > 0)

    await redis.start()
    await subject.metrics.until(false)
    const before = subject.metrics.fallbackDecisions
    assert.equal((await callOn(subject, limits)).allowed, true)
    assert.equal(subject.metrics.fallbackDecisions, before)
  })

  it('go on from the quota that Redis last told, and tell it what was used meanwhile', async t => {
    const redis = await startRedis()
    t.after(() => redis.stop())
    const subject = await open(t, redis.url)
    await callOn(subject, { quota }, 60)
    subject.redis.disconnect()
    await once(subject.redis, 'end')
    const alone = await callOn(subject, { quota }, 30)
    assert.equal(alone.quota?.remaining, 10)
    assert.equal((await callOn(subject, { quota }, 11)).violated, 'quota')
    await subject.redis.connect()
    await subject.metrics.until(false)
    const shared = await callOn(subject, { quota }, 5)
    assert.equal(shared.quota?.remaining, 5)
  })

  it('never keep a call waiting longer than the bound for a Redis that hangs', async t => {
    const redis = await startRedis()
    t.after(() => redis.stop())
    const subject = await open(t, redis.url)
    await callOn(subject, { rate })
    await subject.redis.call('CLIENT', 'PAUSE', '600', 'ALL')
    const waiting = callOn(subject, { rate, quota, concurrency: { max: 1 } }, 2)
    assert.ok(waiting instanceof Promise)
    await subject.clock.advance(49)
    assert.equal(subject.metrics.fallbackDecisions, 0)
    await subject.clock.advance(1)
    const decision = await waiting
    assert.equal(decision.allowed, true)
    assert.equal(subject.metrics.isDegraded, true)
    assert.equal(subject.metrics.fallbackDecisions, 1)
    assert.equal(callOn(subject, { rate }) instanceof Promise, false)
    await subject.clock.advance(250)
    await subject.metrics.until(false)
    // The answer came too late: its slot was given back, and its quota was not counted twice.
    const next = await callOn(subject, { rate, quota, concurrency: { max: 1 } }, 2)
    assert.equal(next.allowed, true)
    assert.equal(next.quota?.remaining, 96)
  })
})

describe('a gateway that starts without Redis', () => {
  it('counts alone, says so, and is not ended by the failing connection', async t => {
    const sockets: Socket[] = []
    const broken = createServer(socket => sockets.push(socket.destroy())).listen(0, '127.0.0.1')
    t.after(() => broken.close())
    await once(broken, 'listening')
    const { port } = broken.address() as AddressInfo
    const subject = await open(t, `redis://127.0.0.1:${port}`, { awaitReady: false })
    const decision = callOn(subject, { rate })
    assert.equal(decision instanceof Promise, false)
    assert.equal(subject.metrics.isDegraded, true)
  })
})

/** A gateway process's counter, closed when the test ends. */
async function open(t: TestContext, ...args: Parameters<typeof openRedisLimits>): Promise<Subject> {
  const subject = await openRedisLimits(...args)
  t.after(() => subject.close())
  return subject
}

async function openTwo(t: TestContext, url: string): Promise<[Subject, Subject]> {
  const one = await open(t, url)
  return [one, await open(t, url, { prefix: one.prefix, clock: one.clock })]
}
