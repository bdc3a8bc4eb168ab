import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { loadPolicySet } from '../../src/composition/load-policy-set.ts'
import { reserve } from '../../src/domain/inventory/reservations/reserve.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLogger } from '../../src/kernel/logger.ts'
import { asChannelId, asLocationId, type Sku } from '../../src/model/brand.ts'
import type { Order } from '../../src/model/order.ts'
import type { Store } from '../../src/ports/store.ts'
import { createSandbox } from '../../src/sandbox/server.ts'
import type { Database } from '../../src/store/database.ts'
import { openJobs } from '../../src/store/jobs.ts'
import { openDatabase } from '../../src/store/open.ts'
import { createStore } from '../../src/store/store.ts'
import { type Lane, manySkus, type Swept, sweep } from '../support/crash-sweep.ts'
import type { CrashDatabase } from '../support/order-crash-child.ts'
import { postgresMissing, startPostgres } from '../support/postgres.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

type ErpDocument = { readonly number: string; readonly reference: string }

const policies = await loadPolicySet({
  directory: 'policies',
  env: {},
  production: false,
  ownIssuer: 'http://127.0.0.1',
  demoHashes: () => undefined,
}).then(result => {
  assert.ok(result.ok)
  return result.set
})

/** So many orders are under way in a process that dies. */
const AT_ONCE = 4

// Wherever the power goes: a customer who has paid gets the goods, and gets them once.
test('an order survives a kill -9 at every await, once on both sides: the embedded engine', async t => {
  const folder = await temporaryFolder(t)
  const template = { databaseUrl: undefined, dataDir: join(folder, 'template') }
  await withStore(template, async () => {})
  // The engine has one connection: only one order of each can be amid a transaction.
  const lanes = await openLanes(t, async (lane, n) => {
    const dataDir = join(folder, `data-${lane}-${n}`)
    await cp(template.dataDir, dataDir, { recursive: true })
    return { databaseUrl: undefined, dataDir }
  })
  const swept = await sweep(lanes, await manySkus(lanes), policies, { name: 'plain' })
  requireEveryKindOfPoint(swept)
  await requireOnceOnBothSides(lanes, swept)
})

test('an order survives a kill -9 at every await, once on both sides: PostgreSQL', {
  skip: postgresMissing,
}, async t => {
  const postgres = await startPostgres()
  t.after(() => postgres.stop())
  const database = { databaseUrl: postgres.url, dataDir: '/nowhere' }
  await withStore(database, async () => {})
  const lanes = await openLanes(t, async () => database)
  const skus = await manySkus(lanes)
  const plain = await sweep(lanes, skus, policies, { name: 'plain' })
  requireEveryKindOfPoint(plain)
  await requireOnceOnBothSides(lanes, plain)
  // The same again after the answer to the caller; but now the ERP does its work and does not say so.
  const from = plain.pointsToAnswer + 1
  const lossy = await sweep(lanes, skus, policies, { name: 'lossy', from, losesAnswer: true })
  // And as most orders come: their stock was held for the cart.
  const held = await withStore(database, store =>
    sweep(lanes, skus, policies, { name: 'held', hold: sku => holdStock(store, sku) }),
  )
  await requireOnceOnBothSides(lanes, plain, lossy, held)
  // Looked up a second time, and not made a second time.
  assert.ok(lossy.deaths.filter(name => name === 'before orders.find').length >= 2)
  assert.equal(lossy.deaths.filter(name => name === 'before orders.create').length, 1)
})

const openLanes = (
  t: TestContext,
  databaseOf: (lane: number, n: number) => Promise<CrashDatabase>,
): Promise<readonly Lane[]> =>
  Promise.all(
    [0, 1].map(async lane => {
      const folder = await temporaryFolder(t)
      const sandbox = await createSandbox({ port: 0, dataDir: join(folder, 'erp') })
      t.after(() => sandbox.close())
      const databases = await Promise.all(
        Array.from({ length: AT_ONCE }, (_, n) => databaseOf(lane, n)),
      )
      return { databases, sandbox, compileCache: join(folder, 'compiled') }
    }),
  )

/** The sweep has really been everywhere where it matters. */
function requireEveryKindOfPoint({ deaths }: Swept): void {
  for (const name of [
    'before inventory.readStock',
    'begin',
    'sql: insert into customer_order (id',
    'commit',
    'commit sent',
    'committed',
    'before orders.find',
    'before orders.create',
    'after orders.create',
  ]) {
    assert.ok(deaths.includes(name), `nobody died at "${name}", but at ${deaths.join('; ')}`)
  }
  // Accepting, beginning an attempt, concluding it.
  assert.ok(deaths.filter(name => name === 'commit sent').length >= 3)
}

async function requireOnceOnBothSides(
  lanes: readonly Lane[],
  ...swept: readonly Swept[]
): Promise<void> {
  const orders = swept.flatMap(one => one.orders)
  const told = new Map(swept.flatMap(one => [...one.told]))
  const documents = (await Promise.all(lanes.map(documentsOf))).flat()
  const databases = new Map(
    lanes.flatMap(lane => lane.databases).map(place => [place.databaseUrl ?? place.dataDir, place]),
  )
  let total = 0
  for (const database of databases.values()) {
    await withStore(database, async (store, db) => {
      let found = 0
      for (const planned of orders) {
        const order = await store.read.orders.findByChannel('web', planned.number)
        if (!order) continue
        found++
        try {
          assert.deepEqual([...(told.get(planned.number) ?? [])], [order.id])
          await requireOnce(order, documents, store, db)
        } catch (cause) {
          throw new Error(`${planned.number}, named by its point, is not as it should be`, {
            cause,
          })
        }
      }
      for (const table of ['customer_order', 'reservation', 'erp_posting', 'idempotency']) {
        const [row] = await db.query<{ n: number }>(`select count(*) as n from ${table}`)
        assert.equal(row?.n, found, table)
      }
      assert.deepEqual(await store.write(tx => tx.stock.rebuild()), [])
      total += found
    })
  }
  assert.equal(total, orders.length)
  assert.equal(documents.length, total, 'the ERP has documents of no order')
}

async function requireOnce(
  { id, lifecycle, reservationId, lines }: Order,
  documents: readonly ErpDocument[],
  { read }: Store,
  db: Database,
): Promise<void> {
  assert.equal(lifecycle, 'RELEASED')
  const postings = await read.postings.ofOrder(id)
  assert.deepEqual(
    postings.map(({ state, erpNumber }) => [state, erpNumber]),
    documents
      .filter(({ reference }) => id.endsWith(reference))
      .map(({ number }) => ['CONFIRMED', number]),
  )
  assert.equal(postings.length, 1)
  assert.equal((await read.reservations.find(reservationId ?? ''))?.state, 'COMMITTED')
  // Each order has a SKU of its own.
  const keys = lines.flatMap(({ sku }) =>
    [...policies.locations.keys()].map(location => ({ sku, location })),
  )
  const counters = await read.stock.counters(keys)
  const sum = (name: 'held' | 'committed') =>
    counters.reduce((total, counter) => total + counter[name], 0n)
  assert.deepEqual([sum('held'), sum('committed')], [0n, lines[0]?.ordered])
  const events = await db.query<{ type: string }>(
    'select type from event where aggregate_id = $1 order by sequence',
    [id],
  )
  assert.deepEqual(
    events.map(({ type }) => type),
    ['order.received', 'order.accepted', 'order.released', 'order.posted'],
  )
}

/** Holds what an order of the sweep orders. */
async function holdStock(store: Store, sku: Sku): Promise<string> {
  const snapshot = {
    sku,
    location: asLocationId('DC-EAST'),
    connection: 'sandbox',
    quantitySemantics: 'PHYSICAL',
    changeSequence: 'NATIVE',
    onHand: { micros: 50_000_000n, uom: 'EA' },
    requestedAt: Date.now(),
    erpSeq: 1n,
  } as const
  const request = {
    consumer: 'storefront-web',
    channel: asChannelId('web'),
    owner: { type: 'CART', id: 'a cart' },
    lines: [{ lineId: '1', sku, quantity: 2_000_000n, uom: 'EA' }],
    pool: [snapshot.location],
    bufferMicros: 0n,
    // The clocks of the processes to come are far ahead.
    ttlSeconds: 86_400,
    allowPartial: false,
    correlationId: 'a hold',
  } as const
  const result = await store.write(tx => reserve(tx, request, [snapshot], Date.now()))
  assert.ok(result.ok)
  return result.reservation.id
}

async function withStore<T>(
  place: CrashDatabase,
  work: (store: Store, db: Database) => Promise<T>,
): Promise<T> {
  const db = await openDatabase({ ...place, logger: silentLogger })
  const jobs = await openJobs(db, silentLogger)
  try {
    return await work(createStore(db, { clock: systemClock, jobs }), db)
  } finally {
    await jobs.close()
    await db.close()
  }
}

async function documentsOf({ sandbox }: Lane): Promise<readonly ErpDocument[]> {
  const { items } = (await fetch(`${sandbox.url}/_control/documents?type=order`).then(answer =>
    answer.json(),
  )) as { items: ErpDocument[] }
  return items
}
