/**
 * Accepts orders and posts them as the gateway does, each up to a point of its way, and is killed there: a
 * program of its own for test/promises/crash-at-every-await.test.ts, which tells it by a message what to do.
 * What it did is on its standard output, a line of JSON each, written before anything else goes on.
 */
import { equal, fail } from 'node:assert/strict'
import { createSecretKey, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { createDeclarativeConnection } from '../../src/connectors/declarative/connection.ts'
import { OPEN_GATE } from '../../src/connectors/gate/gate.ts'
import { createRouting, type Route } from '../../src/connectors/routing.ts'
import { postToErp } from '../../src/domain/postings/post-to-erp.ts'
import { idempotent } from '../../src/gateway/steps/idempotent.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLogger } from '../../src/kernel/logger.ts'
import type { Network } from '../../src/model/network.ts'
import { createOrder } from '../../src/operations/create-order.ts'
import type { ConnectionPolicy } from '../../src/policy/policy-set.ts'
import type { Database } from '../../src/store/database.ts'
import { type JobQueue, openJobs } from '../../src/store/jobs.ts'
import { openDatabase } from '../../src/store/open.ts'
import { createStore } from '../../src/store/store.ts'
import {
  type AroundCall,
  createCrash,
  mortalDatabase,
  mortalErp,
  type Way,
} from './crash-points.ts'
import { admitted, PLACE, testConsumer, testPrincipal } from './exchanges.ts'
import { orderOf } from './orders.ts'

/** One of PostgreSQL where there is a URL, else the embedded one in the folder. */
export type CrashDatabase = { readonly databaseUrl: string | undefined; readonly dataDir: string }

export type CrashOrder = {
  /** Which of the task's databases it is for. */
  readonly database: number
  readonly number: string
  readonly idempotencyKey: string
  readonly sku: string
  /** Of stock that is held for it already. */
  readonly reservationId: string | undefined
  /** Which point of its way is its last. */
  readonly dieAt: number
  /** The ERP's answer to its first creation gets lost. */
  readonly losesAnswer: boolean
}

export type CrashTask = {
  readonly databases: readonly CrashDatabase[]
  readonly connection: ConnectionPolicy
  readonly routes: readonly Route[]
  readonly network: Network
  /** By how much the process's clock is ahead: as if it had been started so much later. */
  readonly aheadMs: number
  /** What earlier processes may have left undone: the caller asks again, and all goes well. */
  readonly undone: readonly CrashOrder[]
  /** Those that are under way when it dies. */
  readonly doomed: readonly CrashOrder[]
}

export type CrashNews =
  /** The caller has the answer; so many points were passed until here. */
  | { readonly number: string; readonly accepted: string; readonly points: number }
  | { readonly number: string; readonly diesAt: string }

const [task] = (await once(process, 'message')) as [CrashTask]
const { connection, network } = task
let { aheadMs } = task
const clock = { ...systemClock, now: () => Date.now() + aheadMs }
const say = (news: CrashNews): void => void writeSync(1, `${JSON.stringify(news)}\n`)

const opened: { readonly db: Database; readonly jobs: JobQueue }[] = []
for (const settings of task.databases) {
  const db = await openDatabase({ ...settings, logger: silentLogger })
  opened.push({ db, jobs: await openJobs(db, silentLogger) })
}
const erp = createDeclarativeConnection(connection, { clock, gate: OPEN_GATE })
// A killed process does not keep what it has compiled for the next one by itself.
flushCompileCache()

let turn: Promise<unknown> = Promise.resolve()
/** One call at a time, so that what is wrong with the ERP is wrong for one call only. */
const inTurn: AroundCall = (_, call) => {
  const mine = turn.then(call)
  turn = mine.catch(() => {})
  return mine
}

for (const order of task.undone) await walk({ ...order, losesAnswer: false }, createCrash(1)())
const wayTo = createCrash(task.doomed.length)
await Promise.all(
  task.doomed.map(async order => {
    const way = wayTo(order.dieAt, diesAt => say({ number: order.number, diesAt }))
    await walk(order, way)
    way.end()
  }),
)
for (const { db, jobs } of opened) {
  await jobs.close()
  await db.close()
}
await erp.close()
process.disconnect()

/** From the caller's call to the ERP's confirmation. */
async function walk(order: CrashOrder, way: Way): Promise<void> {
  const { sku, reservationId } = order
  const { db, jobs } = opened[order.database] ?? fail('no such database')
  const store = createStore(mortalDatabase(db, way), { clock, jobs })
  // For looking on: dying there would prove nothing.
  const onlooker = createStore(db, { clock, jobs })
  const mortal = mortalErp(erp, way, order.losesAnswer ? losingFirst('orders.create') : inTurn)
  const { stock, prices } = createRouting(
    task.routes,
    new Map([[erp.name, mortal]]),
    network.locations,
  )
  const accept = idempotent(
    { operationId: 'createOrder', answers: store.read.idempotency, docs: {}, at: PLACE },
    createOrder({
      stock,
      prices,
      promised: stock,
      knownStock: stock,
      knownPrices: prices,
      store,
      network,
      policyRevision: 'of the test',
      erpAt: () => ({ connection: erp.name, ...erp.capabilities }),
      stockChanged: () => {},
      orderChanged: async () => {},
      quoteKey: createSecretKey(randomBytes(32)),
      now: clock.now,
    }),
  )
  const regions = new Set([...network.locations.values()].map(({ region }) => region))
  const reply = await accept(
    admitted({
      clock,
      method: 'POST',
      url: '/orders/v1/orders',
      headers: { 'idempotency-key': order.idempotencyKey },
      parsedBody: orderOf({
        channelOrderId: order.number,
        sku,
        ...(reservationId && { reservationId }),
      }),
      principal: testPrincipal({ consumer: testConsumer({ id: 'storefront-web', regions }) }),
    }),
  )
  // An answer that was kept comes as bytes.
  if (reply.body.kind === 'empty') fail('an order is answered with the order')
  const { kind, value } = reply.body
  const { id } = (kind === 'json' ? value : JSON.parse(String(value))) as { id: string }
  say({ number: order.number, accepted: id, points: way.passed })
  const { now, monotonic } = clock
  const orderErp = { ...erp.capabilities, orders: mortal.orders ?? fail('it takes no orders') }
  const deps = { store, now, monotonic, random: () => 0.5, erp: () => orderErp }
  for (let attempt = 1; attempt <= 5; attempt++) {
    const postings = await onlooker.read.postings.ofOrder(id)
    const open = postings.filter(({ state }) => ['PENDING', 'SENDING', 'UNKNOWN'].includes(state))
    if (open.length === 0) return
    // Some time after the attempt before, or after it can still be at it.
    if (attempt > 1) aheadMs += 20_000
    for (const posting of open) await postToErp(deps, posting.id)
  }
  fail(`${order.number} does not get through to the ERP`)
}

/** The ERP does as it is told, the first time, and the answer gets lost. */
function losingFirst(name: string): AroundCall {
  let isLost = true
  return (called, call) =>
    inTurn(called, async () => {
      if (called !== name || !isLost) return call()
      isLost = false
      await setFaults({ loseResponseRate: 1 })
      try {
        return await call()
      } finally {
        await setFaults({})
      }
    })
}

async function setFaults(faults: object): Promise<void> {
  const answer = await fetch(`${connection.address}/_control/faults`, {
    method: 'POST',
    body: JSON.stringify(faults),
    headers: { 'content-type': 'application/json' },
  })
  equal(answer.status, 200)
}
