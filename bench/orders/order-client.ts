import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { orderOf } from '../../test/support/orders.ts'

export type Placed = {
  /** `accepted`, or why it was not: a status and the problem's code, or that of a broken connection. */
  readonly outcome: string
  /** Absent where it was not accepted. */
  readonly id?: string
}

export type TimelineEntry = { readonly at: string; readonly type: string }

/** A storefront that orders one piece of one SKU each time, over connections that it keeps. */
export function createOrderClient(url: string, apiKey: string) {
  const agent = new Agent({ keepAlive: true })
  const call = (path: string, body?: object): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const headers = {
        'x-api-key': apiKey,
        ...(body && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
      }
      const method = body ? 'POST' : 'GET'
      const outgoing = request(url + path, { method, headers, agent }, async res => {
        try {
          let text = ''
          for await (const chunk of res) text += chunk
          resolve({ status: res.statusCode ?? 0, text })
        } catch (error) {
          reject(error)
        }
      })
      outgoing.on('error', reject)
      outgoing.end(body && JSON.stringify(body))
    })
  return {
    async place(sku: string): Promise<Placed> {
      try {
        const { status, text } = await call('/orders/v1/orders', orderOf({ sku, pieces: 1 }))
        const { id, code, lifecycle } = JSON.parse(text)
        if (status !== 202) return { outcome: `${status} ${code}` }
        return { outcome: lifecycle === 'ON_HOLD' ? 'held' : 'accepted', id }
      } catch (error) {
        return { outcome: String((error as NodeJS.ErrnoException).code ?? error) }
      }
    },
    async timeline(id: string): Promise<readonly TimelineEntry[]> {
      const { status, text } = await call(`/orders/v1/orders/${id}/timeline`)
      if (status !== 200) throw new Error(`the timeline of ${id} cannot be read: ${text}`)
      return JSON.parse(text).entries
    },
    close: () => agent.destroy(),
  }
}

export type OrderClient = ReturnType<typeof createOrderClient>

/** Gives one SKU after the other, then the first again. */
export function inTurn(skus: readonly string[]): () => string {
  let n = 0
  return () => skus[n++ % skus.length] ?? ''
}
