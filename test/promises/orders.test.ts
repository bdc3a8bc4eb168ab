import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type CallOptions, startTestApp, type TestApp } from '../support/app.ts'
import { type OrderChanges, orderOf } from '../support/orders.ts'

let app: TestApp
before(async () => {
  app = await startTestApp()
})
after(() => app.close())

const ORDERS = '/orders/v1/orders'
// biome-ignore lint/suspicious/noExplicitAny: what a test looks at it knows the form of
const json = async (response: Response): Promise<any> => response.json()
const post = (path: string, body: object, options: CallOptions & { key?: string } = {}) =>
  app.call(path, {
    ...options,
    method: 'POST',
    body,
    headers: { 'idempotency-key': options.key ?? randomUUID(), ...options.headers },
  })
const place = (changes: OrderChanges = {}, options: Parameters<typeof post>[2] = {}) =>
  post(ORDERS, orderOf(changes), options)
const placed = async (changes: OrderChanges = {}) =>
  json(await place(changes, { headers: { prefer: 'wait=10' } }))
const read = async (id: string) => json(await app.call(`${ORDERS}/${id}`))
const documents = async () => {
  const { items } = (await app.control('documents?type=order')) as {
    items: { number: string; reference: string; state: string }[]
  }
  return items
}
const position = async (sku: string) =>
  json(await app.call(`/inventory/v2/positions/${sku}/DC-EAST`))

/** Waits for an order to be as told, by asking for it. */
async function until(id: string, holds: (order: Awaited<ReturnType<typeof read>>) => boolean) {
  const deadline = performance.now() + 20_000
  for (;;) {
    const order = await read(id)
    if (holds(order)) return order
    assert.ok(performance.now() < deadline, JSON.stringify(order))
    // No faster than the consumer's plan allows.
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

test('an order gets its number from the ERP, and the ERP has one document of it', async () => {
  const order = await placed({ sku: '100010' })
  assert.equal(order.lifecycle, 'RELEASED')
  assert.equal(order.erpSync[0].state, 'CONFIRMED')
  const made = (await documents()).filter(({ reference }) => order.id.endsWith(reference))
  assert.deepEqual(
    made.map(({ number }) => number),
    [order.erpSync[0].erpDocumentNumber],
  )
  assert.equal((await position('100010')).committed.value, '2')
})

test('an operator sees who placed it, under which policies, and each attempt; not what was paid', async () => {
  const order = await placed({ sku: '100018' })
  const admin = async (path: string) => fetch(`${app.managementUrl}/admin/orders/${path}`)
  const ledger = await json(await admin(order.id))
  assert.equal(ledger.consumer, 'platform-admin')
  assert.match(ledger.payloadHash, /^[0-9a-f]{64}$/)
  assert.match(ledger.policyRevision, /^[0-9a-f]{12}$/)
  const [posting] = ledger.postings
  assert.equal(posting.erpDocumentNumber, order.erpSync[0].erpDocumentNumber)
  assert.equal(posting.attempts.length, 1)
  assert.ok(!JSON.stringify(ledger).includes('amountMinor'))
  assert.equal((await admin('ord_nobody')).status, 404)
})

test('the same order is the same order, whatever key it comes with; another under its number is refused', async () => {
  const channelOrderId = `W-${randomUUID()}`
  const first = await json(await place({ channelOrderId }))
  const again = await place({ channelOrderId })
  assert.equal(again.status, 200)
  assert.equal((await json(again)).id, first.id)
  const other = await place({ channelOrderId, pieces: 3 })
  assert.equal(other.status, 409)
  assert.equal((await json(other)).code, 'order-changed')
  // Nor does another consumer learn of it by guessing its number.
  const theirs = await place({ channelOrderId }, { as: 'storefront-web' })
  assert.equal((await json(theirs)).code, 'order-changed')
})

test('what does not add up is told in full, and nothing is written', async () => {
  const order = orderOf({})
  const [line] = order.lines
  const wrong = await post(ORDERS, {
    ...order,
    lines: [line, { ...line, net: { amountMinor: 1, currency: 'USD' } }],
    payments: [{ ...order.payments[0], amount: { amountMinor: 999_999, currency: 'EUR' } }],
  })
  assert.equal(wrong.status, 400)
  const codes = (await json(wrong)).errors.map((error: { code: string }) => error.code)
  for (const code of ['sum', 'currency', 'unique']) assert.ok(codes.includes(code), code)
  const found = await app.call(`${ORDERS}?channel=web&ref=${order.channelOrderId}`)
  assert.deepEqual((await json(found)).data, [])
})

test('stock held for a cart goes over to its order', async () => {
  const hold = await json(
    await post('/inventory/v2/reservations', {
      channel: 'web',
      lines: [{ lineId: '1', sku: '100011', quantity: { value: '2', uom: 'EA' } }],
    }),
  )
  const order = await json(await place({ sku: '100011', reservationId: hold.id }))
  assert.equal(order.reservationId, hold.id)
  const { held, committed } = await position('100011')
  assert.deepEqual([held.value, committed.value], ['0', '2'])
  const released = await post(`/inventory/v2/reservations/${hold.id}/release`, {})
  assert.equal(released.status, 409)
})

// Vendure's case: the card is charged, the goods are gone. There must be an order to refund.
test('an order whose stock is gone is accepted and held, never lost', async () => {
  const order = await json(await place({ sku: '100012', pieces: 100_000 }))
  assert.equal(order.lifecycle, 'ON_HOLD')
  assert.deepEqual(
    order.holds.map(({ reason }: { reason: string }) => reason),
    ['STOCK_SHORT'],
  )
  assert.deepEqual(order.erpSync, [])
  const cancelled = await post(`${ORDERS}/${order.id}/cancel`, { reason: 'no stock' })
  assert.equal(cancelled.status, 200)
  assert.equal((await json(cancelled)).lifecycle, 'CANCELLED')
})

test('a quote is honoured while it holds, for just its lines', async () => {
  const quote = await json(
    await post('/pricing/v1/quotes', {
      channel: 'web',
      lines: [{ lineId: '1', sku: '100001', quantity: { value: '2', uom: 'EA' } }],
    }),
  )
  const order = {
    ...orderOf({ sku: '100001' }),
    lines: quote.lines.map(
      ({ lineId, sku, quantity, net, tax, lineTotal }: Record<string, unknown>) => ({
        lineId,
        sku,
        quantity,
        net,
        tax,
        lineTotal,
      }),
    ),
    totals: quote.totals,
    payments: [],
    quote: { document: JSON.stringify(quote) },
  }
  assert.equal((await post(ORDERS, order)).status, 202)
  const cheaper = {
    ...quote,
    totals: { ...quote.totals, gross: { amountMinor: 1, currency: 'EUR' } },
  }
  const forged = await post(ORDERS, {
    ...order,
    channelOrderId: randomUUID(),
    quote: { document: JSON.stringify(cheaper) },
  })
  assert.equal((await json(forged)).code, 'price-changed')
})

test('what is shipped at the ERP leaves the stock once, and the order is fulfilled', async () => {
  const order = await placed({ sku: '100013' })
  const [{ erpDocumentNumber }] = order.erpSync
  const before = Number((await position('100013')).availableToPromise.value)
  await app.control('order', { number: erpDocumentNumber, state: 'shipped' })
  const done = await until(order.id, ({ lifecycle }) => lifecycle === 'FULFILLED')
  assert.equal(done.lines[0].shipped.value, '2')
  const { committed, availableToPromise } = await position('100013')
  assert.equal(committed.value, '0')
  assert.equal(Number(availableToPromise.value), before)
})

test('what leaves the ERP in parts is counted in parts, soon after', async () => {
  const sku = '100017'
  const order = await placed({ sku, pieces: 3 })
  const [{ erpDocumentNumber: number }] = order.erpSync
  const ship = (quantity: number) =>
    app.control('order', {
      number,
      state: 'shipped',
      lines: [{ sku, location: 'DC-EAST', quantity }],
    })
  await ship(1)
  const partly = await until(order.id, ({ lines }) => lines[0].shipped.value === '1')
  assert.equal(partly.lifecycle, 'IN_FULFILMENT')
  assert.equal(partly.fulfilmentStatus, 'PARTIALLY_FULFILLED')
  assert.equal((await position(sku)).committed.value, '2')
  await ship(2)
  await until(order.id, ({ lifecycle }) => lifecycle === 'FULFILLED')
})

test('an order is cancelled with the ERP, and its stock is back on sale', async () => {
  const before = Number((await position('100014')).availableToPromise.value)
  const order = await placed({ sku: '100014' })
  const asked = await post(`${ORDERS}/${order.id}/cancel`, { reason: 'changed their mind' })
  assert.equal(asked.status, 202)
  await until(order.id, ({ lifecycle }) => lifecycle === 'CANCELLED')
  assert.equal(Number((await position('100014')).availableToPromise.value), before)
  const document = (await documents()).find(({ reference }) => order.id.endsWith(reference))
  assert.equal(document?.state, 'STORNIERT')
})

test('cancelled by somebody at the ERP, it is cancelled here', async () => {
  const order = await placed({ sku: '100015' })
  await app.control('order', { number: order.erpSync[0].erpDocumentNumber, state: 'cancelled' })
  await until(order.id, ({ lifecycle }) => lifecycle === 'CANCELLED')
})

test("nobody sees or cancels another consumer's order", async () => {
  const order = await json(await place({}, { as: 'storefront-web' }))
  const as = 'pos-store-12'
  assert.equal((await app.call(`${ORDERS}/${order.id}`, { as })).status, 404)
  assert.equal((await app.call(`${ORDERS}/${order.id}/timeline`, { as })).status, 404)
  assert.equal((await post(`${ORDERS}/${order.id}/cancel`, { reason: 'mine' }, { as })).status, 404)
  const { data } = await json(await app.call('/orders/v1/changes?limit=200', { as }))
  assert.ok(!data.some(({ aggregate }: { aggregate: { id: string } }) => aggregate.id === order.id))
})

test('the feed tells everything once, in order, and goes on where it was left', async () => {
  const seen: number[] = []
  for (let after = 0; ; ) {
    const page = await json(await app.call(`/orders/v1/changes?after=${after}&limit=7`))
    seen.push(...page.data.map(({ feedSeq }: { feedSeq: number }) => feedSeq))
    after = page.next
    if (!page.more) break
  }
  assert.ok(seen.length > 10)
  assert.deepEqual(
    seen,
    [...new Set(seen)].sort((a, b) => a - b),
  )
})

test('an operator lets a held order go on when the stock has come, and says why', async () => {
  const sku = '100016'
  const order = await json(await place({ sku, pieces: 5000 }))
  assert.equal(order.lifecycle, 'ON_HOLD')
  const release = (body: object) =>
    fetch(`${app.managementUrl}/admin/orders/${order.id}/release-hold`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-operator': 'Ada' },
      body: JSON.stringify(body),
    })
  assert.equal((await release({})).status, 400)
  await app.control('stock', { sku, location: 'DC-WEST', onHand: 9000 })
  // What the ledger knows is some seconds old: it asks again when it is too old to promise by.
  const deadline = performance.now() + 30_000
  while ((await release({ reason: 'a lorry has come' })).status !== 200) {
    assert.ok(performance.now() < deadline, 'it stays held')
    await new Promise(resolve => setTimeout(resolve, 1000))
  }
  const done = await until(order.id, ({ erpSync }) => erpSync[0]?.state === 'CONFIRMED')
  assert.deepEqual(done.holds, [])
})

test('while the ERP is away orders are taken for what is known of its stock, and told to it later', async () => {
  const sku = '100039'
  // Read by shoppers; nothing was ever promised of it.
  await app.call(`/inventory/v2/availability?sku=${sku}&channel=web`)
  await app.control('faults', { down: true })
  const order = await json(await place({ sku }))
  assert.equal(order.lifecycle, 'RELEASED', JSON.stringify(order))
  const unread = await place({ sku: '100038' })
  assert.ok(unread.status === 502 || unread.status === 503, `${unread.status}`)
  await app.control('faults', {})
  const done = await until(order.id, ({ erpSync }) => erpSync[0]?.state === 'CONFIRMED')
  assert.equal(done.lifecycle, 'RELEASED')
})
