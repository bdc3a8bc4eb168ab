import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { asSku, type Sku } from '../../src/model/brand.ts'
import type { PolicySet } from '../../src/policy/policy-set.ts'
import type { Sandbox } from '../../src/sandbox/server.ts'
import type { CrashDatabase, CrashNews, CrashOrder, CrashTask } from './order-crash-child.ts'

/** Each process is started so much later than the one before, by its own clock: claims of the dead have ended. */
const PAUSE_MS = 120_000

/** Databases and an ERP; the processes on them run one after the other. */
export type Lane = {
  readonly databases: readonly CrashDatabase[]
  readonly sandbox: Sandbox
  /** Lets a process find compiled what an earlier one has compiled. */
  readonly compileCache: string
}

export type Swept = {
  readonly orders: readonly CrashOrder[]
  /** What each order's caller was told, by its number: one id, however often it was told. */
  readonly told: ReadonlyMap<string, ReadonlySet<string>>
  /** Where the processes died, in the order of the way. */
  readonly deaths: readonly string[]
  /** How many points lie before the answer to the caller. */
  readonly pointsToAnswer: number
}

export type SweepOptions = {
  /** Begins the numbers of its orders. */
  readonly name: string
  /** The first point to die at. */
  readonly from?: number
  /** The ERP's answer to the first creation of an order gets lost. */
  readonly losesAnswer?: boolean
  /** Holds stock for an order to come. @returns the reservation's id */
  readonly hold?: (sku: Sku) => Promise<string>
}

/**
 * Lets processes die, each with some orders under way at points of their own, until an order gets to the end
 * of its way. What a dead process has left undone is the next one's first work: the caller asks again.
 *
 * @param skus one is taken for each order
 */
export async function sweep(
  lanes: readonly Lane[],
  skus: string[],
  policies: PolicySet,
  { name, from = 1, losesAnswer = false, hold }: SweepOptions,
): Promise<Swept> {
  const orders: CrashOrder[] = []
  const told = new Map<string, Set<string>>()
  const deaths: string[] = []
  let pointsToAnswer = 0
  let started = 0
  let isOver = false
  const next = async (_: unknown, database: number): Promise<CrashOrder> => {
    const dieAt = from + started++
    // No two orders share one: none finds what another has asked the ERP, none waits for its locks.
    const sku = skus.pop() ?? assert.fail('there are too few SKUs')
    const order = {
      database,
      number: `${name}-${dieAt}`,
      idempotencyKey: randomUUID(),
      sku,
      reservationId: await hold?.(asSku(sku)),
      dieAt,
      losesAnswer,
    }
    orders.push(order)
    return order
  }
  await Promise.all(
    lanes.map(async lane => {
      let undone: readonly CrashOrder[] = []
      for (let round = 0; !isOver || undone.length > 0; round++) {
        const doomed = isOver ? [] : await Promise.all(lane.databases.map(next))
        const news = await runChild(lane, policies, { undone, doomed, aheadMs: round * PAUSE_MS })
        for (const one of news) {
          const order = orders.find(({ number }) => number === one.number) ?? assert.fail()
          if ('diesAt' in one) deaths[order.dieAt - from] = one.diesAt
          else told.set(one.number, (told.get(one.number) ?? new Set()).add(one.accepted))
          if ('points' in one && doomed.includes(order)) pointsToAnswer = one.points
        }
        undone = doomed.filter(({ dieAt }) => deaths[dieAt - from] !== undefined)
        isOver ||= undone.length < doomed.length
      }
    }),
  )
  return { orders, told, deaths, pointsToAnswer }
}

/** Runs a process until it ends or dies. */
async function runChild(
  { databases, sandbox, compileCache }: Lane,
  { connections, routes, locations, channels }: PolicySet,
  task: Pick<CrashTask, 'undone' | 'doomed' | 'aheadMs'>,
): Promise<readonly CrashNews[]> {
  const child = fork(resolve('test/support/order-crash-child.ts'), {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compileCache },
  })
  assert.ok(child.stdout && child.stderr)
  const ended = once(child, 'close') as Promise<[number | null, string | null]>
  const [connection = assert.fail()] = connections.values()
  child.send({
    databases,
    connection: { ...connection, address: sandbox.url },
    routes,
    network: { locations, channels },
    ...task,
  } satisfies CrashTask)
  const [output, complaints] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [exitCode, signal] = await ended
  assert.ok(exitCode === 0 || signal === 'SIGKILL', complaints)
  const news = output.split('\n').flatMap(line => (line ? [JSON.parse(line) as CrashNews] : []))
  const isKilledByItself = news.some(one => 'diesAt' in one)
  assert.equal(isKilledByItself, signal === 'SIGKILL', 'somebody else has killed it')
  return news
}

/** SKUs that there is enough of to sell some. */
export async function manySkus([lane = assert.fail()]: readonly Lane[]): Promise<string[]> {
  const answer = await fetch(`${lane.sandbox.url}/_control/catalogue`)
  const { items } = (await answer.json()) as {
    items: { sku: string; location: string; onHand: number }[]
  }
  return (
    items
      .filter(({ location, onHand }) => location === 'DC-EAST' && onHand > 50)
      .map(({ sku }) => sku)
      // What is sold by weight.
      .filter(sku => !sku.startsWith('65'))
  )
}
