import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { FIRST_PLANT, FIRST_SKU, type StockErp, startStockErp } from '../erp/stock-erp.ts'
import { type Stretch, shop } from '../erp/storefront.ts'
import { startGateway } from '../gateway.ts'
import { startServer } from '../processes.ts'
import type { BenchSettings } from '../question.ts'

const SKUS = 20_000
const PLANTS = 20
const CHANGED_SHARE = 0.01
const LATENCY_MS = 20
const BUDGET = { perSecond: 40 }
const TTL_SECONDS = 15
/** As many as one question may ask for. */
const PAGE = 200
/** Shoppers at the same time. */
const CONNECTIONS = 256
/** What one core bears with some to spare. */
const READS_PER_SECOND = 2_000

/**
 * A storefront (Zipf's law over 20,000 SKUs in 20 locations, 1 % of the stock changing each second) in front
 * of an ERP that bears forty calls a second: as it is, at ten times its latency, and while it is down. Beside
 * it the same load through a plain cache that keeps each answer for as long as ours may.
 */
export async function erpQuestion(settings: BenchSettings, isShort: boolean) {
  const [warmUp, stretch, outage] = isShort ? [10, 8, 8] : [60, 30, 60]
  const results: Record<string, Stretch> = {}
  const common = { skus: SKUS, connections: CONNECTIONS, readsPerSecond: READS_PER_SECOND }
  const world = { skus: SKUS, plants: PLANTS, changedShare: CHANGED_SHARE, latencyMs: LATENCY_MS }

  const erp = await startStockErp(world)
  const gateway = await startGateway(settings, erp.url, manyPlaces)
  try {
    const headers = { authorization: `Bearer ${await gateway.token('storefront-web')}` }
    const at = { ...common, url: gateway.publicUrl, headers, erp, plantOf }
    await readCatalogue(gateway.publicUrl, headers)
    results['warm-up'] = await shop({ ...at, seconds: warmUp })
    results.normal = await shop({ ...at, seconds: stretch })
    erp.set({ latencyMs: LATENCY_MS * 10 })
    results['ten times slower'] = await shop({ ...at, seconds: stretch })
    erp.set({ latencyMs: LATENCY_MS, isDown: true })
    results.down = await shop({ ...at, seconds: outage })
    erp.set({ isDown: false })
    results['after it'] = await shop({ ...at, seconds: stretch })
  } finally {
    await gateway.stop()
    await erp.close()
  }
  Object.assign(results, await plainCache(world, { ...common, warmUp, stretch }, settings))
  return results
}

async function plainCache(
  world: Parameters<typeof startStockErp>[0],
  {
    warmUp,
    stretch,
    ...common
  }: { skus: number; connections: number; readsPerSecond: number; warmUp: number; stretch: number },
  { serverCpu }: BenchSettings,
): Promise<Record<string, Stretch>> {
  const erp: StockErp = await startStockErp(world)
  const args = [erp.url, String(TTL_SECONDS), String(PLANTS)]
  const cache = await startServer('bench/servers/ttl-cache.ts', args, {
    ...(serverCpu !== undefined && { cpu: serverCpu }),
  })
  const at = { ...common, url: `http://127.0.0.1:${cache.message.port}`, headers: {}, erp, plantOf }
  try {
    await shop({ ...at, seconds: warmUp })
    return { 'plain cache': await shop({ ...at, seconds: stretch }) }
  } finally {
    await cache.stop()
    await erp.close()
  }
}

/** Asks for every SKU once, as a storefront does that builds its pages. */
async function readCatalogue(url: string, headers: Record<string, string>): Promise<void> {
  for (let first = 0; first < SKUS; first += PAGE) {
    const skus = Array.from({ length: PAGE }, (_, i) => String(FIRST_SKU + first + i))
    for (let tries = 1; ; tries++) {
      const reply = await fetch(`${url}/inventory/v2/availability/query`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ skus }),
      })
      await reply.arrayBuffer()
      if (reply.status === 200) break
      if (tries === 20) throw new Error(`the catalogue cannot be read: ${reply.status}`)
    }
  }
}

const plantOf = (location: string): number => Number(location.slice(1))

/** Twenty locations named after their plants, and a storefront that may see quantities. */
function manyPlaces(policies: string): void {
  const plants = Array.from({ length: PLANTS }, (_, i) => FIRST_PLANT + i)
  change(join(policies, 'locations.yaml'), document => {
    // In both regions, as those before.
    const [east, west] = [document.locations['DC-EAST'], document.locations['DC-WEST']]
    document.locations = Object.fromEntries(
      plants.map(plant => [`L${plant}`, plant % 2 ? east : west]),
    )
  })
  change(join(policies, 'channels.yaml'), document => {
    for (const channel of Object.values<{ pool: string[] }>(document.channels)) {
      channel.pool = plants.map(plant => `L${plant}`)
    }
  })
  change(join(policies, 'erps', 'sandbox.yaml'), document => {
    document.settings.tables.plants = Object.fromEntries(
      plants.map(plant => [`L${plant}`, String(plant)]),
    )
    Object.assign(document.capabilities, { maxStockKeys: 1000 })
    Object.assign(document, { budget: BUDGET })
    document.knowledge.maxBytes = 1_073_741_824
    document.settings.calls['changes.since'].query.limit = '2000'
    delete document.settings.calls['inventory.readStock'].row.gtin
  })
  change(join(policies, 'consumers', 'storefront-web.yaml'), document => {
    document.scopes.push('inventory:quantity')
  })
}

function change(file: string, edit: (document: ReturnType<typeof parse>) => void): void {
  const document = parse(readFileSync(file, 'utf8'))
  edit(document)
  writeFileSync(file, stringify(document))
}

/** A Markdown table of the stretches. */
export function erpTable(results: Readonly<Record<string, Stretch>>): string {
  const head =
    '| stretch | reads/s | failed | hit ratio | p50 / p99 ms | ERP calls per 10,000 reads | most in a second | staleness p50 / p99 ms | change to answer p50 / p99 ms |'
  const rows = Object.entries(results).map(([name, s]) =>
    [
      '',
      name,
      Math.round(s.readsPerSecond),
      s.failed,
      s.hitRatio.toFixed(3),
      `${s.p50Ms} / ${s.p99Ms}`,
      s.erpCallsPer10000Reads.toFixed(1),
      s.mostErpCallsInASecond,
      `${s.staleness.p50Ms} / ${s.staleness.p99Ms}`,
      `${s.changeToAnswer.p50Ms} / ${s.changeToAnswer.p99Ms} (${s.changeToAnswer.changes})`,
      '',
    ]
      .join(' | ')
      .trim(),
  )
  return [head, head.replace(/[^|]+/g, ' --- '), ...rows].join('\n')
}
