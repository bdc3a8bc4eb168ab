import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import {
  commitReservation,
  releaseReservation,
} from '../../src/domain/inventory/reservations/change-reservation.ts'
import { consume } from '../../src/domain/inventory/reservations/consume.ts'
import { expireOverdue } from '../../src/domain/inventory/reservations/expire.ts'
import { reserve } from '../../src/domain/inventory/reservations/reserve.ts'
import { asChannelId, asLocationId, asSku } from '../../src/model/brand.ts'
import { openQuantity } from '../../src/model/reservation.ts'
import { availableToPromise, type SnapshotMeaning } from '../../src/model/stock-counter.ts'
import type { Snapshot } from '../../src/ports/stock-ledger.ts'
import type { Store } from '../../src/ports/store.ts'
import type { Database, Queries } from '../../src/store/database.ts'
import { createStore } from '../../src/store/store.ts'
import { TestClock } from '../support/test-clock.ts'

export type LedgerSuite = {
  readonly name: string
  readonly skip?: string | undefined
  open(): Promise<Database>
  /** How many random histories to play; a history of forty steps takes some hundred statements. */
  readonly histories: number
  /** Whether to prove that the suite finds rules that are nearly right; some seconds more. */
  readonly mutants: boolean
}

const NO_JOBS = { within: () => ({ post: async () => {} }) }
const ONE = 1_000_000n
const HERE = asLocationId('DC-1')
const THERE = asLocationId('DC-2')
const WEB = asChannelId('web')

/** Long enough for snapshots and news to overtake each other. */
const STEPS = { minLength: 20, maxLength: 60, size: 'max' } as const

let skus = 0
const newSku = () => asSku(`SKU-${++skus}`)

const requestFor = (
  sku: ReturnType<typeof asSku>,
  pieces: number,
  options: { ttlSeconds?: number; lines?: number } = {},
) => ({
  consumer: 'shop',
  channel: WEB,
  owner: { type: 'CART' as const, id: 'cart' },
  lines: Array.from({ length: options.lines ?? 1 }, (_, n) => ({
    lineId: String(n + 1),
    sku,
    quantity: BigInt(pieces) * ONE,
    uom: 'EA',
  })),
  pool: [HERE],
  bufferMicros: 0n,
  ttlSeconds: options.ttlSeconds ?? 900,
  allowPartial: false,
  correlationId: 'c',
})

/** What every database engine promises about stock that is promised. */
export function runLedgerSuite({ name, skip, open, histories, mutants }: LedgerSuite): void {
  describe(`the stock ledger on ${name}`, { skip }, () => {
    let db: Database
    let store: Store
    const clock = new TestClock()
    before(async () => {
      db = await open()
      store = createStore(db, { clock, jobs: NO_JOBS })
    })
    after(() => db?.close())

    const snapshotOf = (
      sku: Snapshot['sku'],
      pieces: number,
      overrides: Partial<Snapshot> = {},
    ): Snapshot => ({
      sku,
      location: HERE,
      connection: 'erp',
      quantitySemantics: 'PHYSICAL',
      changeSequence: 'NATIVE',
      onHand: { micros: BigInt(pieces) * ONE, uom: 'EA' },
      requestedAt: clock.now(),
      erpSeq: 1n,
      ...overrides,
    })
    const take = (request: Parameters<typeof reserve>[1], snapshots: Snapshot[] = []) =>
      store.write(tx => reserve(tx, request, snapshots, clock.now()))
    const counterOf = async (sku: Snapshot['sku'], location = HERE) => {
      const [counter] = await store.read.stock.counters([{ sku, location }])
      assert.ok(counter)
      return counter
    }

    it('two hundred at once for the last unit: one of them gets it', async () => {
      const sku = newSku()
      const results = await Promise.all(
        Array.from({ length: 200 }, () => take(requestFor(sku, 1), [snapshotOf(sku, 1)])),
      )
      assert.equal(results.filter(({ ok }) => ok).length, 1)
      assert.equal(availableToPromise(await counterOf(sku)), 0n)
    })

    it('two lines of one SKU are held to what there is for both', async () => {
      const sku = newSku()
      const refused = await take(requestFor(sku, 3, { lines: 2 }), [snapshotOf(sku, 5)])
      assert.equal(refused.ok, false)
      assert.deepEqual(
        refused.short.map(({ lineId, available }) => [lineId, available]),
        [['2', 2n * ONE]],
      )
      assert.equal((await take(requestFor(sku, 2, { lines: 2 }))).ok, true)
    })

    it('a line is filled from one place if one has it, else split over the pool; what is short names others', async () => {
      const sku = newSku()
      const snapshots = [snapshotOf(sku, 2), snapshotOf(sku, 4, { location: THERE })]
      const pool = [HERE, THERE]
      const whole = await take({ ...requestFor(sku, 3), pool }, snapshots)
      assert.ok(whole.ok)
      assert.deepEqual(
        whole.reservation.allocations.map(p => [p.location, p.quantity]),
        [[THERE, 3n * ONE]],
      )
      const split = await take({ ...requestFor(sku, 3), pool })
      assert.ok(split.ok)
      assert.deepEqual(
        split.reservation.allocations.map(p => [p.location, p.quantity]),
        [
          [HERE, 2n * ONE],
          [THERE, ONE],
        ],
      )
    })

    it('an overdue hold neither blocks a sale nor can be committed, whichever comes first', async () => {
      const sku = newSku()
      const first = await take(requestFor(sku, 1, { ttlSeconds: 60 }), [snapshotOf(sku, 1)])
      assert.ok(first.ok)
      assert.equal((await take(requestFor(sku, 1))).ok, false)
      await clock.advance(60_000)
      const [second, committed] = await Promise.all([
        take(requestFor(sku, 1)),
        store.write(async tx => {
          const found = await tx.reservations.find(first.reservation.id, { lock: true })
          assert.ok(found)
          return commitReservation(tx, found, 'order', { now: clock.now(), correlationId: 'c' })
        }),
      ])
      assert.equal(committed, false)
      assert.ok(second.ok || (await take(requestFor(sku, 1))).ok)
      assert.equal((await counterOf(sku)).held, ONE)
    })

    it('a hold ends once, however many end it at once', async () => {
      const sku = newSku()
      const held = await take(requestFor(sku, 2, { ttlSeconds: 60 }), [snapshotOf(sku, 5)])
      assert.ok(held.ok)
      const { id } = held.reservation
      await clock.advance(60_000)
      await Promise.all([
        expireOverdue(store, clock.now()),
        store.write(tx =>
          releaseReservation(tx, id, 'shop', { now: clock.now(), correlationId: 'c' }),
        ),
        take(requestFor(sku, 1)),
        expireOverdue(store, clock.now()),
      ])
      assert.match((await store.read.reservations.find(id))?.state ?? '', /EXPIRED|RELEASED/)
      const events = await store.read.events.of('reservation', id)
      assert.equal(events.filter(({ type }) => /expired|released/.test(type)).length, 1)
      assert.equal((await counterOf(sku)).held, ONE)
    })

    it('an older snapshot changes nothing, the same movement twice moves once, in any order', async () => {
      const sku = newSku()
      const movement = (sourceId: string, pieces: number, seq: bigint) => ({
        sku,
        location: HERE,
        source: 'wms',
        sourceId,
        delta: BigInt(pieces) * ONE,
        kind: 'ADJUSTMENT',
        occurredAt: '2026-11-23T12:00:00Z',
        ack: { seq, at: clock.now() },
      })
      const news = [
        (s: Store) => s.write(tx => tx.stock.applySnapshots([snapshotOf(sku, 10, { erpSeq: 5n })])),
        (s: Store) => s.write(tx => tx.stock.applySnapshots([snapshotOf(sku, 8, { erpSeq: 7n })])),
        (s: Store) => s.write(tx => tx.stock.move(movement(`${sku}a`, -2, 6n), clock.now())),
        (s: Store) => s.write(tx => tx.stock.move(movement(`${sku}b`, -3, 9n), clock.now())),
        (s: Store) => s.write(tx => tx.stock.move(movement(`${sku}c`, 4, 10n), clock.now())),
      ]
      await news[0]?.(store)
      for (const order of [
        [3, 1, 4, 2, 0],
        [2, 0, 1, 1, 3, 4],
        [4, 3, 2, 1, 0, 3],
      ]) {
        for (const n of order) await news[n]?.(store)
        assert.equal(availableToPromise(await counterOf(sku)), 9n * ONE)
      }
      const changed = await store.write(tx =>
        tx.stock.move(movement(`${sku}a`, -9, 6n), clock.now()),
      )
      assert.equal(changed, 'changed')
    })

    it('what came counts when the ERP has acknowledged it, what left counts at once', async () => {
      const sku = newSku()
      const base = {
        sku,
        location: HERE,
        source: 'pos',
        kind: 'SALE',
        occurredAt: '2026-11-23T12:00:00Z',
      }
      await store.write(async tx => {
        await tx.stock.applySnapshots([snapshotOf(sku, 10)])
        await tx.stock.move({ ...base, sourceId: `${sku}-out`, delta: -ONE }, clock.now())
        await tx.stock.move({ ...base, sourceId: `${sku}-in`, delta: 4n * ONE }, clock.now())
      })
      assert.equal(availableToPromise(await counterOf(sku)), 9n * ONE)
      await store.write(tx =>
        tx.stock.acknowledgeMovement('pos', `${sku}-in`, { seq: 2n, at: clock.now() }),
      )
      assert.equal(availableToPromise(await counterOf(sku)), 13n * ONE)
      await store.write(tx => tx.stock.applySnapshots([snapshotOf(sku, 13, { erpSeq: 3n })]))
      // The sale is not acknowledged: it stays subtracted until it is.
      assert.equal(availableToPromise(await counterOf(sku)), 12n * ONE)
    })

    it('the same news in any order, and repeated, come to the same figures', async () => {
      const piece = fc.record({ delta: fc.integer({ min: -5, max: 5 }), isTold: fc.boolean() })
      const history = fc.record({
        moves: fc.array(piece, { minLength: 1, maxLength: 6 }),
        snapshots: fc.array(fc.nat(8), { minLength: 1, maxLength: 4 }),
        orders: fc.tuple(fc.infiniteStream(fc.nat(1000)), fc.infiniteStream(fc.nat(1000))),
      })
      await fc.assert(
        fc.asyncProperty(history, async ({ moves, snapshots, orders }) => {
          const figures = []
          for (const order of orders) {
            const sku = newSku()
            await store.write(tx =>
              tx.stock.applySnapshots([snapshotOf(sku, 50, { requestedAt: 1, erpSeq: 0n })]),
            )
            const news = [
              ...moves.flatMap(({ delta, isTold }, i) => {
                const sourceId = `${sku}-${i}`
                const movement = {
                  ...{ sku, location: HERE, source: 'wms', sourceId, kind: 'ADJUSTMENT' },
                  delta: BigInt(delta) * ONE,
                  occurredAt: '2026-11-23T12:00:00Z',
                }
                const ack = { seq: BigInt(i + 1), at: 10 }
                // The acknowledgement comes with the movement repeated, as whoever recorded it would.
                const move = (told: boolean) => () =>
                  store.write(async tx => {
                    await tx.stock.lock([{ sku, location: HERE }])
                    await tx.stock.move(movement, clock.now())
                    if (told) await tx.stock.acknowledgeMovement('wms', sourceId, ack)
                  })
                return [move(false), move(isTold), move(isTold)]
              }),
              ...snapshots.map(seq => () => {
                const told = { requestedAt: 20 + seq, erpSeq: BigInt(seq) }
                return store.write(tx => tx.stock.applySnapshots([snapshotOf(sku, 50, told)]))
              }),
            ]
            const shuffled = news
              .map(tell => ({ tell, at: order.next().value ?? 0 }))
              .toSorted((a, b) => a.at - b.at)
            for (const { tell } of shuffled) await tell()
            const { onHand, unabsorbed } = await counterOf(sku)
            figures.push([onHand, unabsorbed])
          }
          assert.deepEqual(figures[0], figures[1])
        }),
        { numRuns: histories },
      )
    })

    it('what is transferred is neither lost nor made, place by place and in all', async () => {
      const transfer = fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 9 }))
      await fc.assert(
        fc.asyncProperty(fc.array(transfer, { maxLength: 12 }), async transfers => {
          const sku = newSku()
          const places = [HERE, THERE] as const
          const truth = new Map([
            [HERE, 100],
            [THERE, 100],
          ])
          await store.write(tx =>
            tx.stock.applySnapshots(places.map(location => snapshotOf(sku, 100, { location }))),
          )
          let seq = 1n
          for (const [back, pieces] of transfers) {
            const [from, to] = back ? [THERE, HERE] : [HERE, THERE]
            seq++
            await store.write(async tx => {
              await tx.stock.lock(places.map(location => ({ sku, location })))
              for (const [location, delta] of [
                [from, -pieces],
                [to, pieces],
              ] as const) {
                const movement = {
                  ...{ sku, location, source: 'wms', kind: 'TRANSFER' },
                  sourceId: `${sku}-${seq}-${location}`,
                  delta: BigInt(delta) * ONE,
                  occurredAt: '2026-11-23T12:00:00Z',
                  ack: { seq, at: clock.now() },
                }
                await tx.stock.move(movement, clock.now())
                truth.set(location, (truth.get(location) ?? 0) + delta)
              }
            })
          }
          for (const location of places) {
            const there = availableToPromise(await counterOf(sku, location))
            assert.equal(there, BigInt(truth.get(location) ?? 0) * ONE)
          }
        }),
        { numRuns: histories },
      )
    })

    it('a hundred clients with baskets of several lines never wait for each other for ever', async () => {
      const all = Array.from({ length: 6 }, newSku)
      const baskets = fc.sample(fc.uniqueArray(fc.nat(5), { minLength: 2, maxLength: 6 }), {
        numRuns: 300,
      })
      await store.write(tx => tx.stock.applySnapshots(all.map(sku => snapshotOf(sku, 100_000))))
      let next = 0
      const client = async () => {
        for (let basket = baskets[next++]; basket; basket = baskets[next++]) {
          const lines = basket.map((n, i) => ({
            lineId: String(i + 1),
            sku: all[n] ?? newSku(),
            quantity: ONE,
            uom: 'EA',
          }))
          const [first] = all
          assert.ok(first)
          const { ok } = await take({ ...requestFor(first, 1), lines })
          assert.ok(ok)
        }
      }
      await Promise.all(Array.from({ length: 100 }, client))
      const held = await Promise.all(all.map(async sku => (await counterOf(sku)).held))
      const asked = all.map((_, n) => baskets.filter(basket => basket.includes(n)).length)
      assert.deepEqual(
        held,
        asked.map(pieces => BigInt(pieces) * ONE),
      )
    })

    it('counters are what the ledger adds up to, and are made anew from it', async () => {
      const sku = newSku()
      await take(requestFor(sku, 2), [snapshotOf(sku, 9)])
      assert.deepEqual(await store.write(tx => tx.stock.rebuild()), [])
      await db.query('update stock_counter set held = held + 5, unabsorbed = 7 where sku = $1', [
        sku,
      ])
      assert.deepEqual(await store.write(tx => tx.stock.rebuild()), [{ sku, location: HERE }])
      assert.equal(availableToPromise(await counterOf(sku)), 7n * ONE)
    })

    for (const quantitySemantics of ['PHYSICAL', 'NET_OF_ERP_ORDERS'] as const) {
      for (const changeSequence of ['NATIVE', 'NONE'] as const) {
        it(`never promises more than there is, whatever comes when: ${quantitySemantics}, sequence ${changeSequence}`, async () => {
          const meaning = { quantitySemantics, changeSequence }
          await fc.assert(
            fc.asyncProperty(fc.array(fc.tuple(fc.nat(11), fc.nat(5)), STEPS), async steps => {
              await playHistory(store, clock, newSku(), meaning, steps)
            }),
            { numRuns: histories },
          )
        })
      }
    }

    for (const { name: mutant, meaning, edits } of mutants ? MUTANTS : []) {
      it(`finds it out when stock is counted wrongly: ${mutant}`, async () => {
        const unused = new Set(edits.map(([from]) => from))
        const wrong = createStore(mutated(db, edits, unused), { clock, jobs: NO_JOBS })
        const found = await fc.check(
          fc.asyncProperty(fc.array(fc.tuple(fc.nat(11), fc.nat(5)), STEPS), steps =>
            playHistory(wrong, clock, newSku(), meaning, steps),
          ),
          { numRuns: 400, endOnFailure: true },
        )
        assert.deepEqual([...unused], [], 'the statements are worded otherwise now')
        assert.ok(found.failed)
      })
    }
  })
}

/** Ways to be nearly right, each of which oversells: a suite that lets one pass proves nothing. */
const MUTANTS: readonly {
  readonly name: string
  readonly meaning: SnapshotMeaning
  readonly edits: readonly (readonly [from: string, to: string])[]
}[] = [
  {
    name: 'known by now, instead of before the snapshot was asked for',
    meaning: { quantitySemantics: 'PHYSICAL', changeSequence: 'NONE' },
    edits: [
      ['else ack_at < $4::bigint end', 'else ack_at is not null and $4::bigint > 0 end'],
      ['else m.ack_at < c.snapshot_at end', 'else m.ack_at is not null end'],
    ],
  },
  {
    name: 'an old snapshot taken for a new one',
    meaning: { quantitySemantics: 'PHYSICAL', changeSequence: 'NATIVE' },
    edits: [
      [
        'snapshot_seq = excluded.snapshot_seq',
        'snapshot_seq = greatest(known.snapshot_seq, excluded.snapshot_seq)',
      ],
      ['or excluded.snapshot_seq > known.snapshot_seq', 'or true'],
    ],
  },
  {
    name: 'not acknowledged, and counted as contained',
    meaning: { quantitySemantics: 'PHYSICAL', changeSequence: 'NATIVE' },
    edits: [
      ['m.ack_seq <= c.snapshot_seq', '(m.ack_seq is null or m.ack_seq <= c.snapshot_seq)'],
      ['then ack_seq <= $3::bigint', 'then (ack_seq is null or ack_seq <= $3::bigint)'],
      [
        'values ($1, $2, $3, $4, $5::bigint, $6, $7, $8, $9::bigint, $10::bigint, $11)',
        'values ($1, $2, $3, $4, $5::bigint, $6, $7, $8, $9::bigint * null, $10::bigint, $11)',
      ],
    ],
  },
  {
    name: 'the promise ended before the movement is recorded',
    meaning: { quantitySemantics: 'PHYSICAL', changeSequence: 'NATIVE' },
    edits: [['(m.delta < 0 or m.ack_seq is not null)', '(m.delta > 0)']],
  },
  {
    name: 'what came counts when it is acknowledged, though the snapshot may contain it',
    meaning: { quantitySemantics: 'PHYSICAL', changeSequence: 'NONE' },
    edits: [['(m.delta < 0 or m.ack_seq is not null)', '(m.delta < 0 or m.ack_at is not null)']],
  },
]

/**
 * The same database, with some of its statements worded otherwise.
 *
 * @param unused loses the wordings that were met
 */
function mutated(
  db: Database,
  edits: readonly (readonly [string, string])[],
  unused: Set<string>,
): Database {
  const reword = (sql: string): string =>
    edits.reduce((text, [from, to]) => {
      if (text.includes(from)) unused.delete(from)
      return text.replaceAll(from, to)
    }, sql)
  const wrap = (queries: Queries): Queries => ({
    query: (sql, params) => queries.query(reword(sql), params),
    script: sql => queries.script(sql),
  })
  return { ...db, ...wrap(db), transaction: work => db.transaction(tx => work(wrap(tx))) }
}

/** An ERP that knows its own truth and tells it late; a shop that reserves, orders and ships. */
async function playHistory(
  store: Store,
  clock: TestClock,
  sku: Snapshot['sku'],
  meaning: SnapshotMeaning,
  steps: readonly (readonly [what: number, n: number])[],
): Promise<void> {
  const erp = { physical: 10, onOrder: 0, seq: 1n }
  /** Snapshots that were asked for and have not arrived. */
  const underWay: Snapshot[] = []
  const committed: string[] = []
  const held: string[] = []
  /** News of postings that have not reached us. */
  const news: (() => Promise<void>)[] = []
  /** What we recorded of goods that came or left, and the ERP has not been told. */
  const untold: { readonly sourceId: string; readonly delta: number }[] = []
  let moved = 0
  let shipped = 0
  let sold = 0
  const occasion = () => ({ now: clock.now(), correlationId: 'c' })
  const ask = (): Snapshot => ({
    sku,
    location: HERE,
    connection: 'erp',
    ...meaning,
    onHand: {
      micros:
        BigInt(erp.physical - (meaning.quantitySemantics === 'PHYSICAL' ? 0 : erp.onOrder)) * ONE,
      uom: 'EA',
    },
    requestedAt: clock.now(),
    ...(meaning.changeSequence === 'NATIVE' && { erpSeq: erp.seq }),
  })
  const goodsOf = (sourceId: string) => ({
    sku,
    location: HERE,
    source: 'wms',
    sourceId,
    kind: 'ADJUSTMENT',
    occurredAt: '2026-11-23T12:00:00Z',
  })
  const reallyThere = (): number => erp.physical + untold.reduce((sum, { delta }) => sum + delta, 0)
  /** Sold and not left, and held. */
  const promisedOf = async (): Promise<number> => {
    const found = await Promise.all(held.map(id => store.read.reservations.find(id)))
    const quantities = found.map(hold => Number((hold?.allocations[0]?.quantity ?? 0n) / ONE))
    return sold - shipped + quantities.reduce((sum, quantity) => sum + quantity, 0)
  }
  await store.write(tx => tx.stock.applySnapshots([ask()]))
  for (const [what, n] of steps) {
    await clock.advance(1)
    if (what <= 1) {
      const result = await store.write(tx =>
        reserve(tx, requestFor(sku, (n % 3) + 1), [], clock.now()),
      )
      if (result.ok) held.push(result.reservation.id)
    } else if (what === 2 && held.length) {
      const [id = ''] = held.splice(n % held.length, 1)
      await store.write(tx => releaseReservation(tx, id, 'shop', occasion()))
    } else if (what === 3 && held.length) {
      const [id = ''] = held.splice(n % held.length, 1)
      await store.write(async tx => {
        const found = await tx.reservations.find(id, { lock: true })
        assert.ok(found)
        assert.ok(await commitReservation(tx, found, 'order', occasion()))
      })
      const found = await store.read.reservations.find(id)
      const pieces = Number((found?.allocations[0]?.quantity ?? 0n) / ONE)
      sold += pieces
      // The order reaches the ERP, which tells us later.
      erp.onOrder += pieces
      const seq = ++erp.seq
      news.push(async () => {
        await store.write(async tx => {
          await tx.reservations.find(id, { lock: true })
          await tx.stock.lock([{ sku, location: HERE }])
          const ack = {
            seq: meaning.changeSequence === 'NATIVE' ? seq : undefined,
            at: clock.now(),
          }
          await tx.stock.acknowledgeOrder({ reservationId: id, locations: [HERE] }, ack, meaning)
        })
        committed.push(id)
      })
    } else if (what === 4 && committed.length) {
      const [id = ''] = committed.splice(n % committed.length, 1)
      const found = await store.read.reservations.find(id)
      const [part] = found?.allocations ?? []
      assert.ok(part)
      const pieces = Number(openQuantity(part) / ONE)
      erp.physical -= pieces
      erp.onOrder -= pieces
      shipped += pieces
      const seq = ++erp.seq
      news.push(() =>
        store.write(async tx => {
          const reservation = await tx.reservations.find(id, { lock: true })
          const [open] = reservation?.allocations ?? []
          assert.ok(reservation && open)
          const ack = {
            seq: meaning.changeSequence === 'NATIVE' ? seq : undefined,
            at: clock.now(),
          }
          const goods = {
            source: 'erp',
            sourceId: id,
            kind: 'SHIPMENT',
            occurredAt: '2026-11-23T12:00:00Z',
          }
          const all = { ...goods, ack, part: open, quantity: openQuantity(open) }
          await consume(tx, reservation, all, meaning, occasion())
        }),
      )
    } else if (what === 5) {
      erp.physical += n
      erp.seq++
    } else if (what === 6) {
      underWay.push(ask())
    } else if (what === 7 && underWay.length) {
      const [snapshot] = underWay.splice(n % underWay.length, 1)
      if (snapshot) await store.write(tx => tx.stock.applySnapshots([snapshot]))
    } else if (what === 8) {
      const delta = n % 2 ? n : -Math.min(n, Math.max(0, reallyThere() - (await promisedOf())))
      if (delta === 0) continue
      const movement = { ...goodsOf(`${sku}-${++moved}`), delta: BigInt(delta) * ONE }
      await store.write(tx => tx.stock.move(movement, clock.now()))
      untold.push({ sourceId: movement.sourceId, delta })
    } else if (what === 9 && untold.length) {
      const [told] = untold.splice(n % untold.length, 1)
      assert.ok(told)
      erp.physical += told.delta
      const seq = ++erp.seq
      news.push(() =>
        store.write(async tx => {
          await tx.stock.lock([{ sku, location: HERE }])
          const ack = {
            seq: meaning.changeSequence === 'NATIVE' ? seq : undefined,
            at: clock.now(),
          }
          await tx.stock.acknowledgeMovement('wms', told.sourceId, ack)
        }),
      )
    } else if (news.length) {
      // An order's news precede those of its shipment; those of different orders come in any order.
      await news.splice(0, 1)[0]?.()
    }
    // The truth: what lies there, less what is sold and has not left.
    const promised = await promisedOf()
    assert.ok(promised <= reallyThere(), `${promised} promised of ${reallyThere()}`)
    const [counter] = await store.read.stock.counters([{ sku, location: HERE }])
    assert.ok(counter)
    assert.ok(
      availableToPromise(counter) <= BigInt(reallyThere() - promised) * ONE,
      'more is offered than there is',
    )
  }
  assert.deepEqual(await store.write(tx => tx.stock.rebuild()), [])
  // Once all news have come, the offer is the truth.
  for (const tell of news) await tell()
  await clock.advance(1)
  await store.write(tx =>
    tx.stock.applySnapshots([
      { ...ask(), ...(meaning.changeSequence === 'NATIVE' && { erpSeq: erp.seq }) },
    ]),
  )
  const [counter] = await store.read.stock.counters([{ sku, location: HERE }])
  assert.ok(counter)
  const holds = counter.held
  const came = untold.reduce((sum, { delta }) => sum + Math.max(0, delta), 0)
  assert.equal(
    availableToPromise(counter),
    BigInt(reallyThere() - came - (sold - shipped)) * ONE - holds,
  )
}
