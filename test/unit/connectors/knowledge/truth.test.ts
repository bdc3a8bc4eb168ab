import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { followErp } from '../../../../src/connectors/knowledge/follow.ts'
import { createKnowledge } from '../../../../src/connectors/knowledge/knowledge.ts'
import { createKnownStock } from '../../../../src/connectors/knowledge/known-stock.ts'
import { silentLogger } from '../../../../src/kernel/logger.ts'
import { asLocationId, asSku } from '../../../../src/model/brand.ts'
import type { ErpChange } from '../../../../src/model/erp-change.ts'
import { pieces } from '../../../../src/model/quantity.ts'
import { type ErpStock, type StockKey, stockKeyText } from '../../../../src/model/stock.ts'
import type { ErpCall, ErpConnection } from '../../../../src/ports/erp.ts'
import type { StockSource } from '../../../../src/ports/stock-source.ts'
import { failure } from '../../../support/plain-sources.ts'
import { TestClock } from '../../../support/test-clock.ts'

const POLL_MS = 200
const SECONDS = 2
const KEYS: readonly StockKey[] = ['A', 'B', 'C'].map(sku => ({
  sku: asSku(sku),
  location: asLocationId('DC-EAST'),
}))

/** An ERP that remembers what it held when. */
function createErp(clock: TestClock) {
  const history = new Map(KEYS.map(key => [stockKeyText(key), [{ at: 0, units: 10 }]]))
  const log: (ErpChange & { erpSeq: bigint })[] = []
  let seq = 0n
  let floor = 0n
  const erp = {
    isDown: false,
    /** It tells what changed, but not what is. */
    isMute: false,
    /** The list of changes begins anew: no cursor of before is known. */
    forget() {
      floor = ++seq
      log.length = 0
    },
    reads: 0,
    /** So many answers lack their first key. */
    leaveOut: 0,
    keysRead: 0,
    change(key: StockKey, units: number) {
      seq++
      history.get(stockKeyText(key))?.push({ at: clock.now(), units })
      log.push({ kind: 'stock', ...key, erpSeq: seq })
    },
    /** Whatever it held in a millisecond. */
    heldAt(key: StockKey, at: number): readonly number[] {
      const entries = history.get(stockKeyText(key)) ?? []
      const before = entries.filter(entry => entry.at < at).at(-1)
      return [...(before ? [before] : []), ...entries.filter(entry => entry.at === at)].map(
        ({ units }) => units,
      )
    },
    async readStock(keys: readonly StockKey[]): Promise<readonly ErpStock[]> {
      const requestedAt = clock.now()
      await new Promise(setImmediate)
      if (erp.isDown || erp.isMute) throw failure('unreachable')
      erp.reads++
      erp.keysRead += keys.length
      const told = erp.leaveOut-- > 0 ? keys.slice(1) : keys
      return told.map(key => ({
        ...key,
        onHand: pieces(history.get(stockKeyText(key))?.at(-1)?.units ?? 0),
        requestedAt,
        erpSeq: seq,
      }))
    },
    async since(cursor: string | undefined) {
      await new Promise(setImmediate)
      if (erp.isDown) throw failure('unreachable')
      if (cursor !== undefined && BigInt(cursor) < floor) throw failure('rejected')
      const after = cursor === undefined ? seq : BigInt(cursor)
      const changes = log.filter(({ erpSeq }) => erpSeq > after)
      return { changes, cursor: String(seq), more: false }
    },
  }
  return erp
}

function createWorld({ watched = true } = {}) {
  const clock = new TestClock()
  const erp = createErp(clock)
  const knowledge = createKnowledge(
    {
      maxBytes: 1_000_000,
      stock: { seconds: SECONDS, watchedSeconds: 30, overdueSeconds: 3_600 },
      prices: { seconds: SECONDS, watchedSeconds: 300, overdueSeconds: 3_600 },
      pollMs: POLL_MS,
    },
    { answered() {}, aged() {}, changed() {} },
    () => undefined,
  )
  const connection = {
    name: 'erp',
    inventory: { readStock: (keys: readonly StockKey[]) => erp.readStock(keys) },
    ...(watched && { changes: { since: (cursor: string | undefined) => erp.since(cursor) } }),
  } as unknown as ErpConnection
  const source: StockSource = {
    readStock: keys =>
      erp.readStock(keys).then(
        rows => ({ rows, failures: [] }),
        error => ({ rows: [], failures: [{ keys, failure: error }] }),
      ),
  }
  const changed: string[] = []
  const follower = followErp({
    connection,
    knowledge,
    pollMs: POLL_MS,
    workClass: 'batch',
    clock,
    logger: silentLogger,
    circle: undefined,
    changed: ({ stock }) => changed.push(...stock),
  })
  const known = createKnownStock(source, () => knowledge, clock)
  const read = (keys: readonly StockKey[], readThrough = false) =>
    known.readStock(keys, { readThrough } as ErpCall)
  const settle = async () => {
    for (let turn = 0; turn < 8; turn++) await new Promise(setImmediate)
  }
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 50) {
      await clock.advance(Math.min(50, left))
      await settle()
    }
  }
  return { clock, erp, read, pass, settle, follower, changed }
}

const key = fc.constantFrom(...KEYS)
const command = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      key,
      units: fc.integer({ min: 0, max: 50 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      through: fc.constantFrom(false, false, true),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.integer({ min: 1, max: 900 }),
    }),
  },
  // Long enough for a thing not to have been read lately.
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constant(31_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('down' as const),
      isDown: fc.constantFrom(true, false, false),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('mute' as const), isMute: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const) }) },
)

for (const watched of [true, false]) {
  test(`what is told was so at the ERP at the time that is told with it, ${watched ? 'with' : 'without'} a list of changes`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 30 }), async commands => {
        const world = createWorld({ watched })
        const { clock, erp, read, pass, settle } = world
        await settle()
        for (const step of commands) {
          if (step.do === 'change') erp.change(step.key, step.units)
          else if (step.do === 'pass') await pass(step.ms)
          else if (step.do === 'down') erp.isDown = step.isDown
          else if (step.do === 'mute') erp.isMute = step.isMute
          else if (step.do === 'forget') erp.forget()
          else {
            const now = clock.now()
            const { rows, failures } = await read(KEYS, step.through)
            assert.ok(erp.isDown || erp.isMute || failures.length === 0)
            for (const row of rows) {
              const at = row.verifiedAt ?? row.requestedAt
              const held = erp.heldAt(row, at)
              assert.ok(
                held.includes(Number(row.onHand.micros / 1_000_000n)),
                `${row.sku}: told ${row.onHand.micros} of ${at}, held ${held}`,
              )
              if (step.through) assert.equal(row.requestedAt, now)
              if (!row.isOverdue) assert.ok(now - at <= SECONDS * 1000, `${now - at} ms old`)
            }
          }
        }
        await world.follower.close()
      }),
      { numRuns: 200 },
    )
  })
}

test('while nothing changes the ERP is not asked for the same again', async t => {
  const { erp, read, pass, settle, follower } = createWorld()
  t.after(() => follower.close())
  await settle()
  await pass(10)
  await read(KEYS)
  for (let second = 0; second < 28; second++) {
    await pass(1_000)
    await read(KEYS)
  }
  assert.equal(erp.reads, 1)
})

test('what was read lately is known anew, before anybody asks, one poll after it changed', async t => {
  const { erp, read, pass, settle, follower, changed } = createWorld()
  t.after(() => follower.close())
  await settle()
  await pass(10)
  await read(KEYS)
  const [first] = KEYS
  assert.ok(first)
  erp.change(first, 3)
  await pass(POLL_MS + 50)
  const reads = erp.reads
  const { rows } = await read([first])
  assert.equal(rows[0]?.onHand.micros, 3_000_000n)
  assert.equal(erp.reads, reads)
  assert.deepEqual(changed, ['A'])
})

test('a key that an answer leaves out, though it was known, is asked for once more', async t => {
  const { erp, read, pass, settle, follower } = createWorld()
  t.after(() => follower.close())
  await settle()
  await read(KEYS)
  await pass(40_000)
  erp.leaveOut = 1
  const { rows } = await read(KEYS)
  assert.equal(rows.length, KEYS.length)
  await pass(40_000)
  erp.leaveOut = 2
  assert.equal((await read(KEYS)).rows.length, KEYS.length - 1)
})

test('an ERP that is away is told of as it was, marked; what it refuses is not', async t => {
  const { erp, read, pass, settle, follower } = createWorld()
  t.after(() => follower.close())
  await settle()
  await read(KEYS)
  erp.isDown = true
  await pass(SECONDS * 1000 + 4_000)
  const { rows, failures } = await read(KEYS)
  assert.equal(failures.length, 0)
  assert.ok(rows.every(row => row.isOverdue))
  const through = await read(KEYS, true)
  assert.equal(through.rows.length, 0)
  assert.equal(through.failures[0]?.failure.kind, 'unreachable')
})
