import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { startGateway } from '../gateway.ts'
import type { BenchSettings } from '../question.ts'
import { median, spread } from '../statistics.ts'
import type { DurablePostgres } from './databases.ts'
import { createOrderClient, inTurn, type OrderClient } from './order-client.ts'
import { closedLoop, type LoopResult } from './order-loads.ts'
import { createCopy, rowsOfAcceptance } from './order-rows.ts'
import { startStockedSandbox } from './sandbox.ts'

const CLIENTS = [1, 32] as const
/** So many that no two clients want the same. */
const SKUS = 120
const AT_ONCE = 16

/** Of the rounds, the medians; `failures` of all of them. */
type Side = LoopResult

export type Acceptance = {
  readonly rounds: number
  /** That each side had in a round. */
  readonly seconds: number
  /** What an accepted order adds, by table. */
  readonly rowsOfAnOrder: Readonly<Record<string, number>>
  readonly byClients: readonly {
    readonly clients: number
    readonly gateway: Side
    /** Bare SQL. */
    readonly bare: Side
    /** The gateway, when all orders are for one SKU; undefined where nobody else orders. */
    readonly oneSku: Side | undefined
    /** Ratio of the median rates, gateway to bare. */
    readonly ratio: number
    readonly ratioSpread: number
  }[]
}

/**
 * Orders accepted per second on a durable PostgreSQL, while the gateway tells the ERP of them (which bears
 * anything), beside the same rows inserted by bare SQL: in turn, on the same server, in a database beside.
 */
export async function acceptance(
  settings: BenchSettings,
  postgres: DurablePostgres,
): Promise<Acceptance> {
  await postgres.create('gateway')
  await postgres.createWithTables('bare')
  const erp = await startStockedSandbox(join(settings.folder, 'acceptance'))
  try {
    const env = { DATABASE_URL: postgres.urlOf('gateway') }
    const gateway = await startGateway(settings, erp.url, () => {}, env)
    const shop = createOrderClient(gateway.publicUrl, gateway.apiKey('storefront-web'))
    const books = await postgres.connect('gateway')
    const bare = await Promise.all(
      Array.from({ length: Math.max(...CLIENTS) }, () => postgres.connect('bare')),
    )
    try {
      // The ledger meets every SKU before anything is measured.
      const skus = erp.skus.slice(0, SKUS)
      for (let n = 0; n < SKUS; n += AT_ONCE) {
        await Promise.all(skus.slice(n, n + AT_ONCE).map(sku => shop.place(sku)))
      }
      await setAside(books)
      const rows = await rowsOfAnOrder(shop, skus, books)
      const { rounds, seconds } = settings
      return {
        rounds,
        seconds,
        rowsOfAnOrder: Object.fromEntries(rows.map(({ table, rows }) => [table, rows.length])),
        byClients: await inRounds(settings, {
          shop,
          skus,
          books,
          bare,
          copy: createCopy(rows),
        }),
      }
    } finally {
      shop.close()
      await Promise.all([books, ...bare].map(client => client.end()))
      await gateway.stop()
    }
  } finally {
    await erp.stop()
  }
}

async function rowsOfAnOrder(shop: OrderClient, skus: readonly string[], books: pg.Client) {
  for (const sku of skus) {
    const { id, outcome } = await shop.place(sku)
    if (outcome !== 'accepted' || !id) throw new Error(`the first order: ${outcome}`)
    const rows = await rowsOfAcceptance(books, id)
    if (rows) return rows
  }
  throw new Error('every order was gone on with before it could be read')
}

type Sides = {
  readonly shop: OrderClient
  readonly skus: readonly string[]
  readonly books: pg.Client
  readonly bare: readonly pg.Client[]
  copy(client: pg.Client): Promise<void>
}

async function inRounds({ rounds, seconds }: BenchSettings, sides: Sides) {
  const { shop, skus, books, bare, copy } = sides
  const ordered = async (clients: number, seconds: number, skuOf: () => string) => {
    const result = await closedLoop(
      clients,
      seconds,
      async () => (await shop.place(skuOf())).outcome,
    )
    await setAside(books)
    return result
  }
  const any = inTurn(skus)
  const hot = () => skus[0] ?? ''
  const byClients: Acceptance['byClients'][number][] = []
  for (const clients of CLIENTS) {
    const once = async (seconds: number) => ({
      gateway: await ordered(clients, seconds, any),
      bare: await closedLoop(clients, seconds, async n => {
        const client = bare[n]
        if (client) await copy(client)
        return 'accepted'
      }),
      oneSku: clients > 1 ? await ordered(clients, seconds, hot) : undefined,
    })
    await once(Math.min(1, seconds / 2))
    const measured: Awaited<ReturnType<typeof once>>[] = []
    for (let round = 0; round < rounds; round++) measured.push(await once(seconds))
    const side = (name: 'gateway' | 'bare') => middle(measured.map(round => round[name]))
    const oneSku = measured.flatMap(round => round.oneSku ?? [])
    byClients.push({
      clients,
      gateway: side('gateway'),
      bare: side('bare'),
      oneSku: oneSku.length ? middle(oneSku) : undefined,
      ratio: side('gateway').rate / side('bare').rate,
      ratioSpread: spread(measured.map(({ gateway, bare }) => gateway.rate / bare.rate)),
    })
  }
  return byClients
}

function middle(results: readonly LoopResult[]): Side {
  const of = (name: 'rate' | 'p50Ms' | 'p99Ms') => median(results.map(result => result[name]))
  const failures: Record<string, number> = {}
  for (const [reason, count] of results.flatMap(result => Object.entries(result.failures))) {
    failures[reason] = (failures[reason] ?? 0) + count
  }
  return { rate: of('rate'), p50Ms: of('p50Ms'), p99Ms: of('p99Ms'), failures }
}

/** Lets the gateway forget what it has still to tell and to follow, so that it rests while others run. */
async function setAside(books: pg.Client): Promise<void> {
  await books.query(`delete from jobs.job where state in ('created', 'retry')`)
  await books.query(
    `update erp_posting set state = 'DROPPED' where state in ('PENDING', 'SENDING', 'UNKNOWN')`,
  )
  await books.query(`update erp_posting set erp_state = 'SHIPPED' where erp_state = 'OPEN'`)
  for (;;) {
    const { rows } = await books.query(`select 1 from jobs.job where state = 'active' limit 1`)
    if (!rows.length) return
    await sleep(50)
  }
}
