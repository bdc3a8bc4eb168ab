import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Shared } from '../../../src/connectors/shared.ts'
import { TestClock } from '../../support/test-clock.ts'

const never = new AbortController().signal

function counted(fetch: (n: number) => Promise<number> = async n => n, ttlMs?: number) {
  const clock = new TestClock()
  let fetches = 0
  const shared = new Shared(
    () => fetch(++fetches),
    () => clock.monotonic(),
    ttlMs,
  )
  return { shared, clock, fetches: () => fetches }
}

test('whoever comes while it is fetched waits for the same', async () => {
  const { shared, fetches } = counted()
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => shared.get(never))), [1, 1, 1])
  assert.equal(fetches(), 1)
})

test('it is fetched again once its time is up', async () => {
  const { shared, clock } = counted(undefined, 1000)
  assert.equal(await shared.get(never), 1)
  await clock.advance(999)
  assert.equal(await shared.get(never), 1)
  await clock.advance(1)
  assert.equal(await shared.get(never), 2)
})

test('a failed fetch is not kept', async () => {
  const { shared } = counted(async n => {
    if (n === 1) throw new Error('down')
    return n
  })
  await assert.rejects(shared.get(never), /down/)
  assert.equal(await shared.get(never), 2)
})

// Two calls find the session over; the second must not throw away what the first has renewed.
test('dropping an old value leaves its successor alone', async () => {
  const { shared } = counted()
  const old = await shared.get(never)
  await shared.drop(old)
  assert.equal(await shared.get(never), 2)
  await shared.drop(old)
  assert.equal(await shared.get(never), 2)
})

test('who gives up leaves at once, and the others still get it', async () => {
  const gate = Promise.withResolvers<number>()
  const { shared } = counted(() => gate.promise)
  const leaving = new AbortController()
  const left = shared.get(leaving.signal)
  const staying = shared.get(never)
  leaving.abort(new Error('gone'))
  await assert.rejects(left, /gone/)
  gate.resolve(7)
  assert.equal(await staying, 7)
})
