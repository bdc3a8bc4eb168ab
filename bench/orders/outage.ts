import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startGateway } from '../gateway.ts'
import type { BenchSettings } from '../question.ts'
import { percentile } from '../statistics.ts'
import type { DurablePostgres } from './databases.ts'
import { createOrderClient, inTurn, type OrderClient } from './order-client.ts'
import { steadyLoad, type Timed } from './order-loads.ts'
import { type OrderDocument, type StockedSandbox, startStockedSandbox } from './sandbox.ts'

/** As many HTTP requests as the ERP bears; an order takes two, a look-up and a creation. */
const BUDGET_PER_SECOND = 40
const ORDERS_PER_SECOND = 5
const SKUS = 20
/** Between the orders that are timed and the outage, so that none of them falls into it. */
const MARGIN_SECONDS = 1
const POLL_MS = 200
/** No wait between attempts is longer. */
const DRAIN_SECONDS_MAX = 400

type Times = { readonly p50Ms: number; readonly p99Ms: number }
export type Stretch = {
  readonly seconds: number
  readonly orders: number
  /** By what was said instead of "accepted". */
  readonly failures: Readonly<Record<string, number>>
  /** From when an order was due to the answer. */
  readonly accepted: Times
  /** From acceptance until the ERP's number was on record, by the orders' timelines. */
  readonly erpNumber: Times
}

export type Outage = {
  readonly budgetPerSecond: number
  readonly ordersPerSecond: number
  readonly steady: Stretch
  readonly down: Stretch & { readonly erpCalls: number }
  /** From the ERP's return until it had every order that was accepted before. */
  readonly drain: {
    readonly seconds: number
    readonly orders: number
    readonly erpCallsPerSecond: number
    readonly mostErpCallsInASecond: number
  }
  /** What the ERP has in the end of all orders that were accepted. */
  readonly books: {
    readonly accepted: number
    readonly missing: number
    readonly doubled: number
  }
}

/** How soon an ERP with a budget has its orders: while all is well, while it is down, and when it is back. */
export async function outage(
  settings: BenchSettings,
  postgres: DurablePostgres,
  seconds: { readonly steady: number; readonly down: number },
): Promise<Outage> {
  await postgres.create('outage')
  const erp = await startStockedSandbox(join(settings.folder, 'outage'))
  try {
    const env = { DATABASE_URL: postgres.urlOf('outage') }
    const gateway = await startGateway(settings, erp.url, withBudget, env)
    const shop = createOrderClient(gateway.publicUrl, gateway.apiKey('storefront-web'))
    try {
      return await through(shop, erp, seconds)
    } finally {
      shop.close()
      await gateway.stop()
    }
  } finally {
    await erp.stop()
  }
}

function withBudget(policies: string): void {
  const file = join(policies, 'erps', 'sandbox.yaml')
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, `${text}\nbudget: { perSecond: ${BUDGET_PER_SECOND} }\n`)
}

async function through(
  shop: OrderClient,
  erp: StockedSandbox,
  seconds: { steady: number; down: number },
): Promise<Outage> {
  const sku = inTurn(erp.skus.slice(0, SKUS))
  const place = () => shop.place(sku())
  // What the ledger has not met yet cannot be sold while the ERP is down.
  const first = steadyLoad(SKUS, place)
  await sleep(1000)
  await first.stop()
  await untilAllAreThere(first.timed, erp)
  const load = steadyLoad(ORDERS_PER_SECOND, place)
  try {
    await sleep(seconds.steady * 1000)
    const steady = [...load.timed]
    await sleep(MARGIN_SECONDS * 1000)

    const before = load.timed.length
    const callsBefore = await erp.calls()
    await erp.setDown(true)
    await sleep(seconds.down * 1000)
    const callsDown = (await erp.calls()) - callsBefore
    const due = [...load.timed]
    const drained = await drain(due, erp)
    await load.stop()
    const documents = await untilAllAreThere(load.timed, erp)
    return {
      budgetPerSecond: BUDGET_PER_SECOND,
      ordersPerSecond: ORDERS_PER_SECOND,
      steady: await stretch(seconds.steady, steady, shop),
      down: {
        ...(await stretch(seconds.down, due.slice(before), shop)),
        erpCalls: callsDown,
      },
      drain: drained,
      books: compare([...first.timed, ...load.timed], documents),
    }
  } finally {
    await load.stop()
  }
}

/** Brings the ERP back, and waits until it has all that is due. */
async function drain(due: readonly Timed[], erp: StockedSandbox): Promise<Outage['drain']> {
  const missing = missingOf(due, await erp.orders()).length
  const calls = [{ at: performance.now(), total: await erp.calls() }]
  const upAt = Date.now()
  await erp.setDown(false)
  const documents = await untilAllAreThere(due, erp, async () => {
    calls.push({ at: performance.now(), total: await erp.calls() })
  })
  const references = new Set(due.map(referenceOf))
  const last = documents
    .filter(({ reference }) => references.has(reference))
    .reduce((latest, { createdAt }) => Math.max(latest, Date.parse(createdAt)), upAt)
  const [first, end] = [calls[0], calls.at(-1)]
  return {
    seconds: (last - upAt) / 1000,
    orders: missing,
    erpCallsPerSecond:
      first && end && end.at > first.at
        ? ((end.total - first.total) * 1000) / (end.at - first.at)
        : 0,
    mostErpCallsInASecond: mostInASecond(calls),
  }
}

/** @param between is called each time that the ERP's documents have been looked at */
async function untilAllAreThere(
  orders: readonly Timed[],
  erp: StockedSandbox,
  between: () => Promise<void> = async () => {},
): Promise<readonly OrderDocument[]> {
  const until = Date.now() + DRAIN_SECONDS_MAX * 1000
  for (;;) {
    const documents = await erp.orders()
    await between()
    const missing = missingOf(orders, documents)
    if (!missing.length) return documents
    if (Date.now() > until) {
      throw new Error(`after ${DRAIN_SECONDS_MAX} s the ERP lacks ${missing.length} orders`)
    }
    await sleep(POLL_MS)
  }
}

/** What the ERP calls an order. */
const referenceOf = ({ id }: Timed): string => id?.replace('ord_', '') ?? ''

function missingOf(orders: readonly Timed[], documents: readonly OrderDocument[]) {
  const there = new Set(documents.map(({ reference }) => reference))
  return orders.filter(order => order.outcome === 'accepted' && !there.has(referenceOf(order)))
}

function compare(orders: readonly Timed[], documents: readonly OrderDocument[]): Outage['books'] {
  return {
    accepted: orders.filter(({ outcome }) => outcome === 'accepted').length,
    missing: missingOf(orders, documents).length,
    doubled: documents.length - new Set(documents.map(({ reference }) => reference)).size,
  }
}

/** By what was seen between two looks at most a second apart; a look more often sees more. */
function mostInASecond(looks: readonly { readonly at: number; readonly total: number }[]): number {
  return Math.max(
    0,
    ...looks.map(({ at, total }) => {
      const inTime = looks.findLast(later => later.at - at <= 1000)
      return (inTime?.total ?? total) - total
    }),
  )
}

async function stretch(
  seconds: number,
  orders: readonly Timed[],
  shop: OrderClient,
): Promise<Stretch> {
  const failures: Record<string, number> = {}
  const waited: number[] = []
  for (const { outcome, id } of orders) {
    if (outcome !== 'accepted' || id === undefined) {
      failures[outcome] = (failures[outcome] ?? 0) + 1
      continue
    }
    waited.push(await untilPosted(id, shop))
  }
  const times = orders.filter(({ outcome }) => outcome === 'accepted').map(({ ms }) => ms)
  return {
    seconds,
    orders: orders.length,
    failures,
    accepted: { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) },
    erpNumber: { p50Ms: percentile(waited, 0.5), p99Ms: percentile(waited, 0.99) },
  }
}

/** The ERP has it; the gateway may need a moment more to have it on record. */
async function untilPosted(id: string, shop: OrderClient): Promise<number> {
  for (let tries = 1; tries <= 100; tries++) {
    const entries = await shop.timeline(id)
    const at = (type: string) => entries.find(entry => entry.type === type)?.at
    const [accepted, posted] = [at('order.accepted'), at('order.posted')]
    if (accepted && posted) return Date.parse(posted) - Date.parse(accepted)
    await sleep(POLL_MS)
  }
  throw new Error(`${id} is at the ERP, and its number is not on record`)
}
