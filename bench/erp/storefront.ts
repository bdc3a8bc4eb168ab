import { Agent, request } from 'node:http'
import { percentile } from '../statistics.ts'
import { FIRST_SKU, type StockErp } from './stock-erp.ts'

/** What a stretch of load came to. */
export type Stretch = {
  readonly reads: number
  readonly readsPerSecond: number
  readonly failed: number
  /** Of the answers, those from a cache of whole answers. */
  readonly hitRatio: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** By how much the oldest figure of an answer was no longer true, ms; 0 for an answer that was true. */
  readonly staleness: { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number }
  /** From a change of much-read stock to the first answer that shows it, ms. */
  readonly changeToAnswer: {
    readonly p50Ms: number
    readonly p99Ms: number
    readonly changes: number
  }
  readonly erpCalls: number
  readonly erpCallsPer10000Reads: number
  readonly mostErpCallsInASecond: number
}

type Answer = {
  items: { sku: string; locations: { location: string; quantity?: { value?: string } }[] }[]
}

/** Of the most-read SKUs so many are watched for when a change is first shown. */
const WATCHED = 20

/** Numbers 0 … n−1 by Zipf's law: the first is asked for most. */
export function zipf(n: number): () => number {
  const sums = new Float64Array(n)
  let sum = 0
  for (let i = 0; i < n; i++) {
    sum += 1 / (i + 1)
    sums[i] = sum
  }
  return () => {
    const at = Math.random() * sum
    let [low, high] = [0, n - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] ?? 0) < at) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Reads as many shoppers would, for some seconds, and holds every answer against the ERP's own books. */
export async function shop(options: {
  url: string
  headers: Record<string, string>
  erp: StockErp
  skus: number
  connections: number
  /** How many begin to read in a second, whether the others have their answers or not. */
  readsPerSecond: number
  seconds: number
  /** Maps a location's name to the ERP's plant. */
  plantOf(location: string): number
}): Promise<Stretch> {
  const { erp, skus, plantOf } = options
  const pick = zipf(skus)
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections })
  const latencies: number[] = []
  const staleness: number[] = []
  const shownAfter: number[] = []
  /** The latest level of a watched key that was shown. */
  const shown = new Map<string, number>()
  let [hits, failed] = [0, 0]
  erp.resetCounts()

  const note = ({ items }: Answer, at: number): void => {
    let oldest = 0
    for (const { sku, locations } of items) {
      for (const { location, quantity } of locations) {
        const told = Number(quantity?.value)
        const plant = plantOf(location)
        const endedAt = erp.endedAt(Number(sku), plant, told)
        if (endedAt !== undefined) oldest = Math.max(oldest, at - endedAt)
        if (Number(sku) - FIRST_SKU >= WATCHED) continue
        const key = `${sku} ${plant}`
        const before = shown.get(key)
        if (before !== undefined && told > before) {
          for (const change of erp.changesOf(Number(sku), plant)) {
            if (change > before && change <= told) shownAfter.push(at - change)
          }
        }
        shown.set(key, Math.max(before ?? 0, told))
      }
    }
    staleness.push(oldest)
  }

  const from = performance.now()
  const until = from + options.seconds * 1000
  let begunReads = 0
  const shopper = async (): Promise<void> => {
    for (;;) {
      // Timed from when it was due: who waits for a free shopper waits for the gateway.
      const begun = from + (begunReads++ * 1000) / options.readsPerSecond
      if (begun >= until) return
      const early = begun - performance.now()
      if (early > 1) await new Promise(resolve => setTimeout(resolve, early))
      const path = `/inventory/v2/availability?sku=${FIRST_SKU + pick()}`
      const reply = await get(options.url + path, options.headers, agent).catch(() => undefined)
      latencies.push(performance.now() - begun)
      if (reply?.status !== 200) {
        failed++
        continue
      }
      if (reply.isHit) hits++
      note(JSON.parse(reply.text) as Answer, erp.now())
    }
  }
  await Promise.all(Array.from({ length: options.connections }, shopper))
  agent.destroy()
  const reads = latencies.length
  return {
    reads,
    readsPerSecond: reads / options.seconds,
    failed,
    hitRatio: hits / reads,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    staleness: {
      p50Ms: percentile(staleness, 0.5),
      p99Ms: percentile(staleness, 0.99),
      maxMs: percentile(staleness, 1),
    },
    changeToAnswer: {
      p50Ms: percentile(shownAfter, 0.5),
      p99Ms: percentile(shownAfter, 0.99),
      changes: shownAfter.length,
    },
    erpCalls: erp.counts.calls,
    erpCallsPer10000Reads: (erp.counts.calls * 10_000) / reads,
    mostErpCallsInASecond: erp.counts.mostInASecond,
  }
}

type Reply = { readonly status: number; readonly text: string; readonly isHit: boolean }

const get = (url: string, headers: Record<string, string>, agent: Agent): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const call = request(url, { headers, agent }, async res => {
      let text = ''
      for await (const chunk of res) text += chunk
      const isHit = /\bhit\b/.test(String(res.headers['cache-status'] ?? ''))
      resolve({ status: res.statusCode ?? 0, text, isHit })
    })
    call.on('error', reject)
    call.end()
  })
