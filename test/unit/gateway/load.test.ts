import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLoad } from '../../../src/gateway/load.ts'
import { EMPTY, type Reply } from '../../../src/gateway/reply.ts'
import { shed } from '../../../src/gateway/steps/shed.ts'
import { Problem } from '../../../src/kernel/problems.ts'
import { allowed, PLACE, testConsumer, testPlan, testPrincipal } from '../../support/exchanges.ts'
import { TestClock } from '../../support/test-clock.ts'

const LIMITS = { eventLoopDelayMs: 100, maxInFlight: 10 }
const CLASSES = ['till', 'browse', 'batch']

function createWorld() {
  const clock = new TestClock()
  let delay = 0
  const load = createLoad({ clock, delayMs: () => delay })
  load.limit(LIMITS, CLASSES.length)
  const pass = async (ticks: number) => {
    for (let tick = 0; tick < ticks; tick++) {
      await clock.advance(100)
      await new Promise(setImmediate)
    }
  }
  return { load, pass, late: (ms: number) => (delay = ms) }
}

test('pressure rises while the process is late, stays bounded, and goes when it is not', async t => {
  const { load, pass, late } = createWorld()
  t.after(() => load.close())
  await pass(5)
  assert.equal(load.pressure, 0)
  late(10_000)
  await pass(9)
  assert.equal(load.pressure, 0, 'what passes within a second is no overload')
  late(0)
  await pass(1)
  late(120)
  await pass(12)
  const little = load.pressure
  assert.ok(little > 0 && little < 1)
  late(10_000)
  await pass(50)
  assert.equal(load.pressure, CLASSES.length)
  late(0)
  await pass(100)
  assert.equal(load.pressure, 0)
})

test('too many calls being worked on press as well', async t => {
  const { load, pass } = createWorld()
  t.after(() => load.close())
  for (let call = 0; call < 30; call++) load.arrived()
  await pass(13)
  assert.ok(load.pressure > 0.5)
  for (let call = 0; call < 30; call++) load.left()
  await pass(60)
  assert.equal(load.pressure, 0)
})

test('without limits nothing presses', async t => {
  const { load, pass, late } = createWorld()
  t.after(() => load.close())
  late(10_000)
  await pass(15)
  assert.ok(load.pressure > 0)
  load.limit(undefined, 3)
  await pass(1)
  assert.equal(load.pressure, 0)
})

const reply: Reply = { status: 200, headers: [], body: EMPTY }
const callOf = (workClass: string, pressure: number, dice: number) => {
  const load = { pressure, arrived() {}, left() {} }
  const step = shed({ classes: CLASSES, at: PLACE, load, random: () => dice }, () => reply)
  const consumer = testConsumer({ plan: testPlan({ workClass }) })
  const exchange = allowed({ clock: new TestClock(), principal: testPrincipal({ consumer }) })
  return () => step(exchange)
}

test('the least important class goes first, in part and then whole, the most important last', () => {
  assert.equal(callOf('batch', 0, 0)(), reply)
  assert.throws(callOf('batch', 0.5, 0.4), Problem)
  assert.equal(callOf('batch', 0.5, 0.6)(), reply)
  assert.equal(callOf('browse', 1, 0)(), reply)
  assert.throws(callOf('batch', 1, 0.99), Problem)
  assert.throws(callOf('browse', 1.5, 0.4), Problem)
  assert.equal(callOf('till', 2, 0)(), reply)
  assert.throws(callOf('till', 3, 0.99), Problem)
})

test('a refusal says when to come back, and not to all the same', () => {
  const seconds = [0, 0.5, 0.99].map(dice => {
    try {
      callOf('batch', 3, dice)()
      return assert.fail('it was let through')
    } catch (error) {
      assert.ok(error instanceof Problem)
      assert.equal(error.code, 'temporary-reduced-capacity')
      assert.deepEqual(error.options.extensions, { 'violated-policies': ['load'] })
      return error.options.retryAfterSeconds
    }
  })
  assert.deepEqual(seconds, [1, 3, 5])
})
