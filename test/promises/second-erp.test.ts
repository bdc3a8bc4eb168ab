import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { startTestApp, type TestApp } from '../support/app.ts'

/**
 * An ERP that this project has never heard of: OAuth 2 tokens that end, one GET per warehouse, pages by
 * cursor, quantities as JSON numbers, errors inside HTTP 200.
 */
function unheardOfErp() {
  const stock = new Map([
    [
      'W44',
      [
        { item: 'A-100', free: 12.5, unit: 'kg' },
        { item: 'A-200', free: 0, unit: 'pcs' },
      ],
    ],
    ['W03', [{ item: 'A-100', free: -3, unit: 'kg' }]],
  ])
  const seen: string[] = []
  let tokens = 0
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://erp')
    const send = (status: number, body: unknown) => {
      res.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
      res.end(JSON.stringify(body))
    }
    if (url.pathname === '/token')
      return send(200, { access_token: `t${++tokens}`, expires_in: 3600 })
    if (req.headers.authorization !== `Bearer t${tokens}`) return send(401, { error: 'token' })
    seen.push(url.pathname + url.search)
    if (url.pathname === '/status') return send(200, { ok: true })
    const rows = stock.get(url.searchParams.get('warehouse') ?? '')
    if (!rows) return send(200, { fault: { code: 'NO_WAREHOUSE' } })
    const wanted = new Set((url.searchParams.get('items') ?? '').split(','))
    const matching = rows.filter(row => wanted.has(row.item))
    const at = Number(url.searchParams.get('cursor') ?? 0)
    return send(200, {
      data: { positions: matching.slice(at, at + 1) },
      ...(at + 1 < matching.length && { next: at + 1 }),
    })
  })
  return { server, seen, endTokens: () => tokens++ }
}

const description = (address: string) => `
connection: unheard-of
connector: declarative
address: ${address}
timeZone: Europe/Amsterdam
baseCurrency: EUR
capabilities: { quantitySemantics: PHYSICAL, changeSequence: NONE, idempotencySupport: NONE, maxConcurrency: 2, maxStockKeys: 50, maxPriceKeys: 50 }
guard:
  timeoutMs: 1000
  maxQueue: 10
  attempts: 2
  backoffMs: { initial: 1, max: 2 }
  breaker: { failureRatio: 0.5, minimumPerSecond: 5, windowMs: 10000, halfOpenAfterMs: 1000 }
serves: [{ regions: [eu-west] }]
credentials: { clientId: postern, clientSecret: '\${env:UNHEARD_OF_SECRET}' }
settings:
  auth: { type: oauth2ClientCredentials, tokenUrl: ${address}/token, clientAuthentication: post }
  tables:
    warehouses: { DC-WEST: W01, STORE-44: W44, DARK-03: W03, OUTLET-01: W09 }
    units: { KGM: kg, EA: pcs }
  errors: [{ when: { path: $.fault, exists: true }, kind: rejected, code: $.fault.code }]
  calls:
    ping: { method: GET, path: /status }
    inventory.readStock:
      method: GET
      path: /stock
      groupBy: [location]
      query:
        warehouse: { from: location, table: warehouses }
        items: { each: 'keys[*]', do: { from: sku }, join: ',' }
      paging: { next: $.next, parameter: cursor, maxPages: 10 }
      rows: $.data.positions[*]
      row:
        sku: { from: item }
        location: { const: '' }
        onHand: { from: free, as: decimal }
        uom: { from: unit, table: units }
`

let app: TestApp
let erp: ReturnType<typeof unheardOfErp> & { server: Server }
before(async () => {
  erp = unheardOfErp()
  await new Promise<void>(resolve => erp.server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(erp.server.address() as AddressInfo).port}`
  app = await startTestApp({
    env: { UNHEARD_OF_SECRET: 'shh' },
    edit: {
      'erps/sandbox.yaml': text =>
        text.replace('regions: [eu-central, eu-west]', 'regions: [eu-central]'),
      'erps/unheard-of.yaml': () =>
        description(address).replace(
          "location: { const: '' }",
          'location: { from: $input.location }',
        ),
    },
  })
})
after(async () => {
  await app.close()
  erp.server.closeAllConnections()
  await new Promise(resolve => erp.server.close(resolve))
})

type Item = {
  sku: string
  quantity: { value: string; uom: string }
  locations: { location: string }[]
}
const ask = async (query: string) => {
  const response = await app.call(`/inventory/v2/availability?${query}`)
  return {
    status: response.status,
    body: (await response.json()) as { items: Item[]; unknownSkus: string[] },
  }
}

test('an ERP that only a YAML file knows answers governed calls, exactly', async () => {
  const { status, body } = await ask('sku=A-100&sku=A-200&sku=A-999&location=STORE-44')
  assert.equal(status, 200)
  assert.deepEqual(
    body.items.map(({ sku, quantity }) => [sku, quantity.value, quantity.uom]),
    [
      ['A-100', '12.5', 'KGM'],
      ['A-200', '0', 'EA'],
    ],
  )
  assert.deepEqual(body.unknownSkus, ['A-999'])
})

test('one question over two ERPs is one answer, and a warehouse in the red takes nothing from a store', async () => {
  const { body } = await ask('sku=A-100&location=STORE-44&location=DARK-03&location=DC-EAST')
  assert.equal(body.items[0]?.quantity.value, '12.5')
})

test('a token that has ended is renewed without the caller noticing', async () => {
  erp.endTokens()
  const { status } = await ask('sku=A-200&location=STORE-44')
  assert.equal(status, 200)
})

test('an error inside HTTP 200 is seen, and its words stay inside', async () => {
  const response = await app.call('/inventory/v2/availability?sku=A-100&location=OUTLET-01')
  assert.equal(response.status, 502)
  const text = await response.text()
  assert.match(text, /erp-rejected/)
  assert.ok(!text.includes('NO_WAREHOUSE'))
  assert.ok(
    app.log.some(
      line =>
        JSON.stringify(line).includes('NO_WAREHOUSE') ||
        String(line.error).includes('NO_WAREHOUSE'),
    ),
  )
})
