import assert from 'node:assert/strict'
import { test } from 'node:test'
import { guardConnection } from '../../../src/connectors/guard.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { UpstreamFailure, type UpstreamFailureKind } from '../../../src/kernel/upstream-failure.ts'
import { asLocationId, asSku } from '../../../src/model/brand.ts'
import { pieces } from '../../../src/model/quantity.ts'
import type { ErpStock, StockKey } from '../../../src/model/stock.ts'
import type { ErpCall } from '../../../src/ports/erp.ts'

const key = (n: number): StockKey => ({ sku: asSku(`s${n}`), location: asLocationId('DC-EAST') })
const row = (k: StockKey): ErpStock => ({ ...k, onHand: pieces(1), requestedAt: 0 })

const failure = (kind: UpstreamFailureKind, more: object = {}) =>
  new UpstreamFailure(kind, kind, {
    connection: 'erp',
    call: 'inventory.readStock',
    proxyError: 'connection_terminated',
    ...more,
  })

const LEFT_ALONE = {
  connection: 'erp',
  call: 'inventory.readStock',
  proxyError: 'destination_unavailable',
}

function guarded(
  readStock: (keys: readonly StockKey[], call: ErpCall) => Promise<readonly ErpStock[]>,
  settings: {
    maxConcurrency?: number
    maxQueue?: number
    attempts?: number
    timeoutMs?: number
    maxStockKeys?: number
    breakerPerSecond?: number
    halfOpenAfterMs?: number
  } = {},
) {
  const outcomes: string[] = []
  const capabilities = {
    quantitySemantics: 'PHYSICAL',
    changeSequence: 'NONE',
    idempotencySupport: 'NONE',
    maxConcurrency: 2,
    maxStockKeys: settings.maxStockKeys ?? 100,
    maxPriceKeys: 100,
  } as const
  const connection = guardConnection(
    {
      name: 'erp',
      capabilities,
      inventory: { readStock },
      ping: async () => {},
      close: async () => {},
    },
    {
      timeoutMs: settings.timeoutMs ?? 5_000,
      maxConcurrency: settings.maxConcurrency ?? 2,
      maxQueue: settings.maxQueue ?? 100,
      attempts: settings.attempts ?? 1,
      backoffMs: { initial: 1, max: 2 },
      breaker: {
        failureRatio: 0.5,
        minimumPerSecond: settings.breakerPerSecond ?? 2,
        windowMs: 1000,
        halfOpenAfterMs: settings.halfOpenAfterMs ?? 60_000,
      },
    },
    {
      classes: [],
      clock: systemClock,
      random: () => 0.5,
      metrics: {
        called: (_call, outcome) => outcomes.push(outcome),
        inFlight: () => {},
        queued: () => {},
        breaker: () => {},
      },
    },
  )
  const ask = (keys: readonly StockKey[] = [key(1)], over: Partial<ErpCall> = {}) => {
    assert.ok(connection.inventory)
    return connection.inventory.readStock(keys, {
      signal: new AbortController().signal,
      deadlineAt: systemClock.monotonic() + 10_000,
      correlationId: 'c',
      workClass: 'browse',
      ...over,
    })
  }
  return { ask, outcomes }
}

test('no more calls reach the ERP at the same time than it bears, however many come', async () => {
  let now = 0
  let most = 0
  const { ask } = guarded(async keys => {
    most = Math.max(most, ++now)
    await new Promise(setImmediate)
    now--
    return keys.map(row)
  })
  await Promise.all(Array.from({ length: 50 }, (_, i) => ask([key(i)])))
  assert.equal(most, 2)
})

test('who finds the waiting room full is sent away at once, told to come back', async () => {
  const { promise, resolve } = Promise.withResolvers<ErpStock[]>()
  const { ask } = guarded(() => promise, { maxConcurrency: 1, maxQueue: 1 })
  const waiting = [ask(), ask()]
  await assert.rejects(ask(), {
    kind: 'busy',
    details: {
      connection: 'erp',
      call: 'inventory.readStock',
      proxyError: 'connection_limit_reached',
      retryAfterSeconds: 1,
    },
  })
  resolve([])
  await Promise.all(waiting)
})

test('a caller who gives up while waiting leaves the room, and its place is not lost', async () => {
  const first = Promise.withResolvers<ErpStock[]>()
  let calls = 0
  const { ask } = guarded(() => (++calls === 1 ? first.promise : Promise.resolve([])), {
    maxConcurrency: 1,
  })
  const one = ask()
  const controller = new AbortController()
  const two = ask([key(2)], { signal: controller.signal })
  controller.abort(new Error('gone'))
  await assert.rejects(two, /gone/)
  first.resolve([])
  await one
  await ask()
  assert.equal(calls, 2)
})

test('an ERP that ignores its signal is not waited for longer than the time limit', async () => {
  const { ask, outcomes } = guarded(() => new Promise(() => {}), { timeoutMs: 20 })
  await assert.rejects(ask(), { kind: 'unknown' })
  assert.deepEqual(outcomes, ['unknown'])
})

test('a read that failed on the way is tried again, a bad answer once, a business no never', async () => {
  for (const [kind, calls] of [
    ['unreachable', 3],
    ['busy', 3],
    ['session', 3],
    ['garbled', 2],
    ['unknown', 2],
    ['rejected', 1],
  ] as const) {
    let n = 0
    const { ask } = guarded(
      async () => {
        n++
        throw failure(kind)
      },
      { attempts: 3, breakerPerSecond: 1000 },
    )
    await assert.rejects(ask(), { kind })
    assert.equal(n, calls, kind)
  }
})

test('a wait that the ERP asks for and the caller cannot afford is not begun', async () => {
  let n = 0
  const { ask } = guarded(
    async () => {
      n++
      throw failure('busy', { retryAfterSeconds: 60 })
    },
    { attempts: 3 },
  )
  await assert.rejects(ask(), { kind: 'busy' })
  assert.equal(n, 1)
})

test('an ERP that asks to be left alone is, by all callers, and the refusal says for how long', async () => {
  let n = 0
  const { ask } = guarded(async () => {
    n++
    throw failure('busy', { receivedStatus: 429, retryAfterSeconds: 20 })
  })
  await assert.rejects(ask(), { kind: 'busy' })
  await assert.rejects(ask([key(2)]), {
    kind: 'busy',
    details: { ...LEFT_ALONE, proxyError: 'connection_limit_reached', retryAfterSeconds: 20 },
  })
  assert.equal(n, 1)
})

test('an ERP that keeps failing is left alone, and the refusal says for how long', async () => {
  let n = 0
  const { ask } = guarded(async () => {
    n++
    throw failure('garbled')
  })
  for (let i = 0; i < 40; i++) await ask().catch(() => {})
  const reached = n
  await assert.rejects(ask(), (error: UpstreamFailure) => {
    assert.equal(error.details.proxyError, 'destination_unavailable')
    assert.ok((error.details.retryAfterSeconds ?? 0) > 50)
    return true
  })
  assert.equal(n, reached)
  assert.ok(reached < 40)
})

test('business noes never open the breaker', async () => {
  const { ask, outcomes } = guarded(async () => {
    throw failure('rejected')
  })
  for (let i = 0; i < 40; i++) await assert.rejects(ask(), { kind: 'rejected' })
  assert.equal(outcomes.length, 40)
})

test('what a connector should never throw leaves as a failure, its cause for the log only', async () => {
  const { ask } = guarded(async () => {
    throw new TypeError('cannot read properties of undefined')
  })
  await assert.rejects(ask(), (error: UpstreamFailure) => {
    assert.equal(error.kind, 'garbled')
    assert.ok(error.cause instanceof TypeError)
    return true
  })
})

test('more keys than a call takes become several calls and one answer', async () => {
  const sizes: number[] = []
  const { ask } = guarded(
    async keys => {
      sizes.push(keys.length)
      return keys.map(row)
    },
    { maxStockKeys: 10 },
  )
  const rows = await ask(Array.from({ length: 25 }, (_, i) => key(i)))
  assert.equal(rows.length, 25)
  assert.deepEqual(sizes.sort(), [10, 10, 5])
})

test('an ERP that hangs longer than its callers wait is left alone too', async () => {
  const { ask, outcomes } = guarded(() => new Promise(() => {}), { timeoutMs: 20, attempts: 1 })
  const asked = Array.from({ length: 40 }, () =>
    ask([key(1)], { signal: AbortSignal.timeout(15) }).catch((error: unknown) => error),
  )
  await Promise.all(asked)
  assert.ok(outcomes.includes('unknown'))
  await assert.rejects(ask(), { details: { ...LEFT_ALONE, retryAfterSeconds: 60 } })
})

test('a trial call whose caller gives up does not show that the ERP is well', async () => {
  let sick = true
  const { ask } = guarded(
    async () => {
      if (sick) throw failure('garbled')
      return new Promise(() => {})
    },
    { halfOpenAfterMs: 100, timeoutMs: 5_000 },
  )
  for (let i = 0; i < 40; i++) await ask().catch(() => {})
  sick = false
  await systemClock.sleep(110)
  await assert.rejects(ask([key(1)], { signal: AbortSignal.timeout(5) }))
  await assert.rejects(ask(), { details: { ...LEFT_ALONE, retryAfterSeconds: 1 } })
})
