import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export type StockErpSettings = {
  readonly skus: number
  readonly plants: number
  /** Of all stock levels, how many change in a second. */
  readonly changedShare: number
  readonly latencyMs: number
}

const CHANGE_EVERY_MS = 50
const LOG_MAX = 400_000

/** What the ERP was asked, and how hard. */
export type ErpCounts = { calls: number; keys: number; mostInASecond: number }

/**
 * An ERP with the sandbox's calls and far more stock, which changes all the time. A stock level is the
 * number of the millisecond in which it last changed, so that an answer tells how old it is.
 */
export async function startStockErp(settings: StockErpSettings) {
  const { skus, plants, changedShare } = settings
  const startedAt = performance.now()
  const now = () => Math.ceil(performance.now() - startedAt) + 1
  const keys = skus * plants
  const level = new Int32Array(keys).fill(1)
  /** When each key changed, in order; only those that changed at all. */
  const history = new Map<number, number[]>()
  let log: number[] = []
  let floor = 0
  let latencyMs = settings.latencyMs
  let isDown = false
  let arrivals: number[] = []
  const counts: ErpCounts = { calls: 0, keys: 0, mostInASecond: 0 }

  const change = (key: number): void => {
    const at = now()
    if (level[key] === at) return
    level[key] = at
    const changes = history.get(key)
    if (changes) changes.push(at)
    else history.set(key, [at])
    log.push(key)
  }
  let due = 0
  const changing = setInterval(() => {
    due += (keys * changedShare * CHANGE_EVERY_MS) / 1000
    for (; due >= 1; due--) change(Math.floor(Math.random() * keys))
    if (log.length > LOG_MAX) {
      floor += log.length - LOG_MAX / 2
      log = log.slice(-LOG_MAX / 2)
    }
  }, CHANGE_EVERY_MS)

  const keyOf = (matnr: string, werks: string) =>
    (Number(matnr) - FIRST_SKU) * plants + (Number(werks) - FIRST_PLANT)
  const row = (key: number) => ({
    MATNR: String(FIRST_SKU + Math.floor(key / plants)).padStart(18, '0'),
    WERKS: String(FIRST_PLANT + (key % plants)),
  })
  const seq = () => floor + log.length

  const answer = async (path: string, query: URLSearchParams, req: IncomingMessage) => {
    if (path === '/erp/stock/read') {
      const { IT_MATWRK } = JSON.parse(await bodyOf(req)) as {
        IT_MATWRK: { MATNR: string; WERKS: string }[]
      }
      counts.keys += IT_MATWRK.length
      const rows = IT_MATWRK.map(({ MATNR, WERKS }) => ({ MATNR, WERKS, key: keyOf(MATNR, WERKS) }))
      return {
        SEQNR: String(seq()),
        ET_BESTAND: rows
          .filter(({ key }) => key >= 0 && key < keys)
          .map(({ key, ...at }) => ({ ...at, LABST: `${level[key]},000`, MEINS: 'ST' })),
      }
    }
    if (path === '/erp/changes') {
      const after = Number(query.get('after') ?? seq())
      const entries = log.slice(after - floor, after - floor + Number(query.get('limit')))
      const upTo = after + entries.length
      return {
        SEQNR: String(upTo),
        MEHR: upTo < seq() ? 'J' : 'N',
        ET_AENDERUNG: entries.map((key, i) => ({
          SEQNR: String(after + i + 1),
          OBJEKT: 'MARD',
          ...row(key),
        })),
      }
    }
    return {}
  }

  const server = createServer(async (req, res) => {
    const at = performance.now()
    arrivals = [...arrivals.filter(one => one > at - 1000), at]
    counts.calls++
    counts.mostInASecond = Math.max(counts.mostInASecond, arrivals.length)
    if (isDown) {
      req.socket.destroy()
      return
    }
    const url = new URL(req.url ?? '/', 'http://erp')
    const body = JSON.stringify({
      TYPE: 'S',
      ...(await answer(url.pathname, url.searchParams, req)),
    })
    setTimeout(() => {
      res.writeHead(200, { 'content-type': 'application/json' })
      res.end(body)
    }, latencyMs)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    now,
    set(given: { latencyMs?: number; isDown?: boolean }) {
      latencyMs = given.latencyMs ?? latencyMs
      isDown = given.isDown ?? isDown
    },
    resetCounts() {
      Object.assign(counts, { calls: 0, keys: 0, mostInASecond: 0 })
    },
    /** When a level that was told stopped being true; undefined while it is. */
    endedAt(sku: number, plant: number, told: number): number | undefined {
      return history.get(keyOf(String(sku), String(plant)))?.find(at => at > told)
    },
    /** The changes of a key after an instant. */
    changesOf: (sku: number, plant: number): readonly number[] =>
      history.get(keyOf(String(sku), String(plant))) ?? [],
    async close() {
      clearInterval(changing)
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

export type StockErp = Awaited<ReturnType<typeof startStockErp>>

export const FIRST_SKU = 200_000
export const FIRST_PLANT = 1000

async function bodyOf(req: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of req) text += chunk
  return text
}
