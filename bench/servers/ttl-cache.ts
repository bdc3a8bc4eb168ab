/**
 * The plain way: an answer is kept for so many seconds under its address, and asked for when it is not there.
 *
 * node bench/servers/ttl-cache.ts ERP_ADDRESS SECONDS PLANTS
 */
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

const [erp = '', seconds = '15', plants = '20'] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true })
const answers = new Map<string, { body: string; until: number }>()

const ask = (sku: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const rows = Array.from({ length: Number(plants) }, (_, i) => ({
      MATNR: sku.padStart(18, '0'),
      WERKS: String(1000 + i),
    }))
    const call = request(
      `${erp}/erp/stock/read`,
      { method: 'POST', agent, timeout: 2000 },
      async res => {
        let text = ''
        for await (const chunk of res) text += chunk
        const { ET_BESTAND } = JSON.parse(text) as {
          ET_BESTAND: { WERKS: string; LABST: string }[]
        }
        const locations = ET_BESTAND.map(({ WERKS, LABST }) => ({
          location: `L${WERKS}`,
          quantity: { value: LABST.split(',')[0] },
        }))
        resolve(JSON.stringify({ items: [{ sku, locations }] }))
      },
    )
    call.on('timeout', () => call.destroy(new Error('the ERP is silent')))
    call.on('error', reject)
    call.end(JSON.stringify({ IT_MATWRK: rows }))
  })

const server = createServer(async (req, res) => {
  const path = req.url ?? '/'
  const held = answers.get(path)
  if (held && held.until > Date.now()) {
    res.writeHead(200, { 'content-type': 'application/json', 'cache-status': 'ttl; hit' })
    res.end(held.body)
    return
  }
  try {
    const body = await ask(new URL(path, 'http://cache').searchParams.get('sku') ?? '')
    answers.set(path, { body, until: Date.now() + Number(seconds) * 1000 })
    res.writeHead(200, { 'content-type': 'application/json', 'cache-status': 'ttl; fwd=miss' })
    res.end(body)
  } catch {
    res.writeHead(502).end()
  }
})
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port })
})
process.on('SIGTERM', () => process.exit(0))
