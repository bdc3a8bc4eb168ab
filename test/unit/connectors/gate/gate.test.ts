import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGate } from '../../../../src/connectors/gate/gate.ts'
import { createPace } from '../../../../src/connectors/gate/pace.ts'
import { TestClock } from '../../../support/test-clock.ts'

const CLASSES = [
  { name: 'till', weight: 8, floor: 0 },
  { name: 'batch', weight: 1, floor: 0 },
]

function gateOf(perSecond: number) {
  const clock = new TestClock()
  const gate = createGate(createPace(perSecond, CLASSES, clock), CLASSES, { clock, waited() {} })
  const enter = (
    workClass: string,
    { within = 60_000, signal = new AbortController().signal } = {},
  ) =>
    gate.enter({
      signal,
      workClass,
      deadlineAt: clock.monotonic() + within,
      connection: 'erp',
      call: 'inventory.readStock',
    })
  /** Lets everything that needs no time happen. */
  const settle = () => new Promise(setImmediate)
  return { clock, gate, enter, settle }
}

test('what does not fit waits, and is refused as busy before its deadline', async t => {
  const { clock, gate, enter, settle } = gateOf(1)
  t.after(() => gate.close())
  await enter('till')
  const late = assert.rejects(enter('till', { within: 500 }), {
    kind: 'busy',
    details: {
      connection: 'erp',
      call: 'inventory.readStock',
      proxyError: 'connection_limit_reached',
      retryAfterSeconds: 1,
    },
  })
  const patient = enter('till')
  await settle()
  await clock.advance(500)
  await late
  await clock.advance(600)
  await settle()
  await patient
})

test('a till that comes last goes before the batch that waits', async t => {
  const { clock, gate, enter, settle } = gateOf(1)
  t.after(() => gate.close())
  await enter('batch')
  const out: string[] = []
  const waiting = ['batch', 'batch', 'till', 'till', 'till'].map(name =>
    enter(name).then(() => out.push(name)),
  )
  for (let n = 0; n < waiting.length; n++) {
    await settle()
    await clock.advance(1_060)
  }
  await Promise.all(waiting)
  assert.deepEqual(out.slice(0, 4).sort(), ['batch', 'till', 'till', 'till'])
})

test('a caller who gives up leaves the line, and takes no place with it', async t => {
  const { clock, gate, enter, settle } = gateOf(1)
  t.after(() => gate.close())
  await enter('till')
  const controller = new AbortController()
  const gone = assert.rejects(enter('till', { signal: controller.signal }), /gone/)
  const next = enter('till')
  await settle()
  controller.abort(new Error('gone'))
  await gone
  await settle()
  await clock.advance(1_060)
  await settle()
  await next
})
