import { join } from 'node:path'
import { startServer } from '../processes.ts'

type Item = { readonly sku: string; readonly location: string }
export type OrderDocument = { readonly reference: string; readonly createdAt: string }

/** Sold by the piece: apparel, footwear, home and electronics. */
const BY_THE_PIECE = /^[1-4]0\d{4}$/
/** Where the web shop's orders are filled from first. */
const LOCATION = 'DC-EAST'
/** More than any run sells. */
const PLENTY = 10_000_000

/** The sandbox ERP in a process of its own, with plenty of everything that is sold by the piece. */
export async function startStockedSandbox(folder: string) {
  const server = await startServer('bench/servers/sandbox.ts', [join(folder, 'erp')])
  const url = `http://127.0.0.1:${server.message.port}`
  const control = async <T>(path: string, body?: object): Promise<T> => {
    const response = await fetch(`${url}/_control/${path}`, {
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json' },
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`the sandbox refuses ${path}: ${text}`)
    return JSON.parse(text)
  }
  const { items } = await control<{ items: Item[] }>('catalogue')
  const skus = items
    .filter(({ sku, location }) => location === LOCATION && BY_THE_PIECE.test(sku))
    .map(({ sku }) => sku)
  for (const sku of skus) await control('stock', { sku, location: LOCATION, onHand: PLENTY })
  return {
    url,
    skus: skus as readonly string[],
    setDown: (down: boolean) => control('faults', down ? { down } : {}),
    /** How many calls have arrived, those that were cut too. */
    calls: async () => (await control<{ total: number }>('calls')).total,
    orders: async () => (await control<{ items: OrderDocument[] }>('documents?type=order')).items,
    stop: server.stop,
  }
}

export type StockedSandbox = Awaited<ReturnType<typeof startStockedSandbox>>
