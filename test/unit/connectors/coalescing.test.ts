import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { GatherDeps } from '../../../src/connectors/coalescing/gather.ts'
import { coalesceReads } from '../../../src/connectors/coalescing.ts'
import { UpstreamFailure } from '../../../src/kernel/upstream-failure.ts'
import { asChannelId, asLocationId, asSku } from '../../../src/model/brand.ts'
import { parseDecimal } from '../../../src/model/money.ts'
import type { StockKey } from '../../../src/model/stock.ts'
import type { ErpCall, ErpConnection } from '../../../src/ports/erp.ts'
import { createInMemoryErp } from '../../support/in-memory-erp.ts'
import { TestClock } from '../../support/test-clock.ts'

const key = (sku: string): StockKey => ({ sku: asSku(sku), location: asLocationId('DC') })
const row = (sku: string, onHand: number) => ({ ...key(sku), onHand: BigInt(onHand) as never })

/** An ERP that answers when the test says so, and the coalescing around it. */
function opened({ maxStockKeys = 200, maxUnderWay = 8 } = {}) {
  const clock = new TestClock()
  const asked: { keys: readonly StockKey[]; call: ErpCall; fail(error: unknown): void }[] = []
  const answers: (() => void)[] = []
  const books = createInMemoryErp(
    { stock: ['A', 'B', 'C', 'D'].map((sku, i) => row(sku, i + 1)), prices: [] },
    () => clock.now(),
  )
  const erp: ErpConnection = {
    ...books,
    capabilities: { ...books.capabilities, maxStockKeys },
    inventory: {
      readStock(keys, call) {
        const held = Promise.withResolvers<void>()
        answers.push(held.resolve)
        asked.push({ keys, call, fail: held.reject })
        return held.promise.then(() => books.inventory?.readStock(keys, call) ?? [])
      },
    },
  }
  const counts = { asked: 0, sent: [] as number[] }
  const metrics: GatherDeps['metrics'] = {
    asked: (_, keys) => {
      counts.asked += keys
    },
    sent: (_, keys) => {
      counts.sent.push(keys)
    },
  }
  const connection = coalesceReads(erp, { clock, metrics, gatherMs: 2, maxUnderWay })
  const read = (
    skus: readonly string[],
    { signal = new AbortController().signal, within = 1000, workClass = 'browse' } = {},
  ) =>
    (connection.inventory?.readStock ?? assert.fail())(skus.map(key), {
      signal,
      deadlineAt: clock.monotonic() + within,
      correlationId: 'c',
      workClass,
    })
  const answerAll = () => {
    for (const answer of answers.splice(0)) answer()
  }
  const settle = () => new Promise(setImmediate)
  return { clock, asked, counts, read, answerAll, settle }
}

const skusOf = (keys: readonly StockKey[]) => keys.map(({ sku }) => sku)

test('what concurrent callers ask for goes out as one call, each key once, and each gets their own', async () => {
  const { clock, asked, counts, read, answerAll } = opened()
  const answers = [read(['A', 'B']), read(['B', 'C']), read(['nobody knows it'])]
  assert.equal(asked.length, 0)
  await clock.advance(2)
  assert.deepEqual(
    asked.map(({ keys }) => skusOf(keys)),
    [['A', 'B', 'C', 'nobody knows it']],
  )
  answerAll()
  const skus = (await Promise.all(answers)).map(skusOf)
  assert.deepEqual(skus, [['A', 'B'], ['B', 'C'], []])
  assert.deepEqual(counts, { asked: 5, sent: [4] })
})

test('a key that is being asked for is not asked for again, and is once it has been answered', async () => {
  const { clock, asked, read, answerAll } = opened()
  const first = read(['A'])
  await clock.advance(2)
  const second = read(['A', 'B'])
  await clock.advance(2)
  assert.deepEqual(
    asked.map(({ keys }) => skusOf(keys)),
    [['A'], ['B']],
  )
  answerAll()
  await Promise.all([first, second])
  const third = read(['A'])
  await clock.advance(2)
  assert.equal(asked.length, 3)
  answerAll()
  await third
})

test('a full batch goes at once, and no batch is larger than the connection takes', async () => {
  const { clock, asked, read, answerAll } = opened({ maxStockKeys: 2 })
  const answers = [read(['A']), read(['B', 'C']), read(['D'])]
  assert.deepEqual(
    asked.map(({ keys }) => skusOf(keys)),
    [
      ['A', 'B'],
      ['C', 'D'],
    ],
  )
  answerAll()
  assert.deepEqual((await Promise.all(answers)).map(skusOf), [['A'], ['B', 'C'], ['D']])
  await clock.advance(2)
})

test('work classes do not wait in one batch', async () => {
  const { clock, asked, read, answerAll } = opened()
  const answers = [read(['A'], { workClass: 'till' }), read(['A'], { workClass: 'batch' })]
  await clock.advance(2)
  assert.deepEqual(
    asked.map(({ call }) => call.workClass),
    ['till', 'batch'],
  )
  answerAll()
  await Promise.all(answers)
})

test('one caller who gives up takes nothing from the others; when all have, the call ends', async () => {
  const { clock, asked, read, answerAll } = opened()
  const [one, other] = [new AbortController(), new AbortController()]
  const given = read(['A'], { signal: one.signal })
  const kept = read(['A', 'B'])
  await clock.advance(2)
  one.abort(new Error('gone'))
  await assert.rejects(given, /gone/)
  assert.equal(asked[0]?.call.signal.aborted, false)
  answerAll()
  assert.deepEqual(skusOf(await kept), ['A', 'B'])

  const alone = read(['C'], { signal: other.signal })
  await clock.advance(2)
  other.abort(new Error('gone too'))
  await assert.rejects(alone, /gone too/)
  assert.equal(asked[1]?.call.signal.aborted, true)
  // Nobody joins a call that has been given up.
  const next = read(['C'])
  await clock.advance(2)
  answerAll()
  assert.deepEqual(skusOf(await next), ['C'])
})

test('a batch may take as long as its most patient caller has', async () => {
  const { clock, asked, read, answerAll } = opened()
  const answers = [read(['A'], { within: 100 }), read(['A'], { within: 900 })]
  await clock.advance(2)
  assert.equal(asked[0]?.call.deadlineAt, 900)
  answerAll()
  await Promise.all(answers)
})

test('who joined a call that its own callers had less time for asks again when it runs out', async () => {
  const { clock, asked, read, answerAll } = opened()
  const hasty = read(['A'], { within: 100 })
  await clock.advance(2)
  const patient = read(['A'], { within: 5000 })
  await clock.advance(98)
  asked[0]?.fail(failure('unknown'))
  await assert.rejects(hasty, UpstreamFailure)
  await new Promise(resolve => setImmediate(resolve))
  await clock.advance(2)
  assert.equal(asked.length, 2)
  answerAll()
  assert.deepEqual(skusOf(await patient), ['A'])
})

test("a key that the ERP refuses fails its own caller's read only", async () => {
  const { clock, asked, read, answerAll } = opened()
  const bad = read(['refused'])
  const good = read(['A'])
  await clock.advance(2)
  asked[0]?.fail(failure('rejected'))
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(
    asked.slice(1).map(({ keys }) => skusOf(keys)),
    [['refused'], ['A']],
  )
  asked[1]?.fail(failure('rejected'))
  await assert.rejects(bad, UpstreamFailure)
  answerAll()
  assert.deepEqual(skusOf(await good), ['A'])
})

test('any concurrent reads, shared, answer what each would have been answered alone', async () => {
  const names = ['A', 'B', 'C', 'D', 'unknown']
  const reads = fc.array(fc.uniqueArray(fc.constantFrom(...names)), { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(reads, fc.integer({ min: 1, max: 6 }), async (asks, maxStockKeys) => {
      const { clock, read, answerAll, asked, settle } = opened({ maxStockKeys })
      const answers = asks.map(skus => read(skus))
      // What is not full waits for those before it.
      let isAnswered = false
      const all = Promise.all(answers).finally(() => {
        isAnswered = true
      })
      while (!isAnswered) {
        await clock.advance(2)
        answerAll()
        await settle()
      }
      for (const [i, rows] of (await all).entries()) {
        const known = asks[i]?.filter(sku => sku !== 'unknown')
        assert.deepEqual(skusOf(rows).sort(), known?.sort())
      }
      const sent = asked.flatMap(({ keys }) => skusOf(keys))
      assert.equal(new Set(sent).size, sent.length)
    }),
    { numRuns: 60 },
  )
})

test('price questions of different groups, currencies or seconds never share a call', async () => {
  const clock = new TestClock()
  const decimal = parseDecimal('1')
  const price = {
    channel: asChannelId('web'),
    currency: 'EUR',
    unitPrice: decimal,
    per: decimal,
    uom: 'EA',
    minQuantity: decimal,
    taxIncluded: true,
    taxCategory: 'STANDARD',
  }
  const books = { stock: [], prices: ['A', 'B'].map(sku => ({ ...price, sku: asSku(sku) })) }
  const sent: number[] = []
  const erp = createInMemoryErp(books, () => clock.now())
  const metrics = { asked: () => {}, sent: (_: string, keys: number) => void sent.push(keys) }
  const { pricing } = coalesceReads(erp, { clock, metrics, gatherMs: 2, maxUnderWay: 8 })
  const call = {
    signal: new AbortController().signal,
    deadlineAt: 1000,
    correlationId: 'c',
    workClass: 'browse',
  }
  const ask = (sku: string, at: number, customerGroup?: string) =>
    pricing?.readPrices(
      [
        {
          sku: asSku(sku),
          channel: price.channel,
          currency: 'EUR',
          at,
          ...(customerGroup && { customerGroup }),
        },
      ],
      call,
    )
  const answers = [
    ask('A', 1001),
    ask('A', 1999),
    ask('B', 1500),
    ask('A', 1001, 'TRADE'),
    ask('A', 2000),
  ]
  await clock.advance(2)
  const rows = await Promise.all(answers)
  assert.deepEqual(
    rows.map(list => list?.length),
    [1, 1, 1, 1, 1],
  )
  assert.deepEqual(sent, [2, 1, 1])
})

const failure = (kind: 'unknown' | 'rejected') =>
  new UpstreamFailure(kind, 'no', {
    connection: 'erp',
    call: 'inventory.readStock',
    proxyError: 'connection_read_timeout',
  })

test('while calls are on their way that were not full, questions go on gathering, each class for itself', async () => {
  const { read, clock, counts, answerAll, settle } = opened()
  const first = [read(['A'])]
  await settle()
  await clock.advance(2)
  first.push(read(['D']))
  await settle()
  await clock.advance(2)
  const more = [read(['B']), read(['C'])]
  await settle()
  await clock.advance(50)
  const last = read(['C'])
  const till = read(['D'], { workClass: 'till' })
  await settle()
  await clock.advance(2)
  await settle()
  assert.deepEqual(counts.sent, [1, 1, 1])
  answerAll()
  await Promise.all([...first, till])
  await settle()
  assert.deepEqual(counts.sent, [1, 1, 1, 2])
  answerAll()
  await Promise.all([...more, last])
})

test('a caller whose batch does not leave in time is told that the ERP is busy, not silent', async () => {
  const { read, clock, answerAll, settle } = opened()
  const first = [read(['A'])]
  await settle()
  await clock.advance(2)
  first.push(read(['C']))
  await settle()
  await clock.advance(2)
  const late = assert.rejects(read(['B'], { within: 100 }), {
    kind: 'busy',
    details: {
      connection: 'in-memory',
      call: 'inventory.readStock',
      proxyError: 'connection_limit_reached',
      retryAfterSeconds: 1,
    },
  })
  await settle()
  await clock.advance(90)
  await late
  answerAll()
  await Promise.all(first)
})
