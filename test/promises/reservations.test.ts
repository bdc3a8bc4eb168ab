import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type CallOptions, startTestApp, type TestApp } from '../support/app.ts'

let app: TestApp
before(async () => {
  app = await startTestApp()
})
after(() => app.close())

const RESERVATIONS = '/inventory/v2/reservations'

const post = (path: string, body?: object, options: CallOptions & { key?: string } = {}) =>
  app.call(path, {
    ...options,
    method: 'POST',
    ...(body && { body }),
    headers: { 'idempotency-key': options.key ?? randomUUID(), ...options.headers },
  })
const cart = (sku: string, pieces: number, more: object = {}) => ({
  channel: 'web',
  lines: [{ lineId: '1', sku, quantity: { value: String(pieces), uom: 'EA' } }],
  ...more,
})
// biome-ignore lint/suspicious/noExplicitAny: what a test looks at it knows the form of
const json = async (response: Response): Promise<any> => response.json()
const sellable = async (sku: string): Promise<number> => {
  const { items } = await json(await app.call(`/inventory/v2/availability?sku=${sku}&channel=web`))
  return Number(items[0].quantity.value)
}

test('a reservation shows in the next read, and giving it back does too', async () => {
  const there = await sellable('100002')
  const held = await json(await post(RESERVATIONS, cart('100002', 2)))
  assert.equal(held.state, 'HELD')
  assert.equal(await sellable('100002'), there - 2)
  const released = await json(await post(`${RESERVATIONS}/${held.id}/release`))
  assert.equal(released.state, 'RELEASED')
  assert.equal(await sellable('100002'), there)
})

test('asked twice with one key, stock is held once, and the answer is the same byte for byte', async () => {
  const key = randomUUID()
  const there = await sellable('100003')
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => post(RESERVATIONS, cart('100003', 1), { key })),
  )
  const made = answers.filter(({ status }) => status === 201)
  // Those that came while the first was under way were told to come back.
  assert.ok(answers.every(({ status }) => status === 201 || status === 409))
  const again = await post(RESERVATIONS, cart('100003', 1), { key })
  assert.equal(again.headers.get('idempotent-replayed'), 'true')
  const texts = new Set(await Promise.all([...made, again].map(answer => answer.text())))
  assert.equal(texts.size, 1)
  assert.equal(await sellable('100003'), there - 1)
  const other = await post(RESERVATIONS, cart('100003', 2), { key })
  assert.equal((await json(other)).code, 'idempotency-key-reused')
  // Another consumer's key of the same name is another key.
  const theirs = await post(RESERVATIONS, cart('100003', 1), { key, as: 'storefront-web' })
  assert.equal(theirs.headers.get('idempotent-replayed'), null)
})

test('what is short is told line by line, and that too is told again', async () => {
  const key = randomUUID()
  const first = await post(RESERVATIONS, cart('100004', 100_000), { key })
  const problem = await json(first)
  assert.equal(first.status, 409)
  assert.equal(problem.code, 'stock-short')
  assert.equal(problem.lines[0].lineId, '1')
  const again = await post(RESERVATIONS, cart('100004', 100_000), { key })
  assert.deepEqual(await json(again), problem)
  const partly = await post(RESERVATIONS, {
    ...cart('100004', 1, { allowPartial: true }),
    lines: [
      { lineId: 'a', sku: '100004', quantity: { value: '1', uom: 'EA' } },
      { lineId: 'b', sku: '100005', quantity: { value: '100000', uom: 'EA' } },
    ],
  })
  const part = await json(partly)
  assert.deepEqual(
    part.lines.map((line: { lineId: string }) => line.lineId),
    ['a'],
  )
  assert.deepEqual(
    part.short.map((line: { lineId: string }) => line.lineId),
    ['b'],
  )
})

test("nobody sees or ends another consumer's reservation, but who may see all", async () => {
  const held = await json(await post(RESERVATIONS, cart('100006', 1), { as: 'storefront-web' }))
  const path = `${RESERVATIONS}/${held.id}`
  assert.equal((await app.call(path, { as: 'pos-store-12' })).status, 404)
  assert.equal((await post(`${path}/release`, undefined, { as: 'pos-store-12' })).status, 404)
  assert.equal((await app.call(path, { as: 'storefront-web' })).status, 200)
  assert.equal((await app.call(path, { as: 'platform-admin' })).status, 200)
  const changes = async (as: string) =>
    (await json(await app.call('/inventory/v2/changes?limit=200', { as }))).data.map(
      (event: { aggregate: { id: string } }) => event.aggregate.id,
    )
  assert.ok((await changes('storefront-web')).includes(held.id))
  assert.ok(!(await changes('pos-store-12')).includes(held.id))
})

test('the terms of a position add up, and a movement is one of them', async () => {
  const path = '/inventory/v2/positions/100007/DC-EAST?channel=web'
  const movement = {
    source: 'wms',
    movementId: randomUUID(),
    sku: '100007',
    location: 'DC-EAST',
    delta: { value: '-3', uom: 'EA' },
    kind: 'SHRINK',
    occurredAt: '2026-11-23T12:00:00+01:00',
  }
  const first = await json(await app.call(path))
  const record = () => post('/inventory/v2/movements', { movements: [movement] })
  assert.equal((await json(await record())).results[0].status, 'RECORDED')
  assert.equal((await json(await record())).results[0].status, 'DUPLICATE')
  await post(
    RESERVATIONS,
    cart('100007', 2, {
      lines: [{ sku: '100007', quantity: { value: '2', uom: 'EA' }, location: 'DC-EAST' }],
    }),
  )
  const position = await json(await app.call(path))
  const value = (name: string): number => Number(position[name].value)
  assert.equal(value('held'), 2)
  assert.equal(
    value('availableToPromise'),
    value('onHand') + value('unabsorbed') - value('held') - value('committed'),
  )
  assert.equal(value('sellable'), Math.max(0, value('availableToPromise') - value('buffer')))
  // Told by us, or by the ERP that we have told: it counts once.
  assert.equal(Number(first.onHand.value) - 3, value('onHand') + value('unabsorbed'))
})

test('the ERP is told of movements once, and then its own figure shows them', async () => {
  const sku = '100019'
  const at = `/inventory/v2/positions/${sku}/DC-EAST`
  const before = Number((await json(await app.call(at))).onHand.value)
  const movements = ['-3', '5'].map(value => ({
    source: 'wms',
    movementId: randomUUID(),
    sku,
    location: 'DC-EAST',
    delta: { value, uom: 'EA' },
    kind: 'ADJUSTMENT',
    occurredAt: '2026-11-23T12:00:00+01:00',
  }))
  const known = { ...movements[0], movementId: randomUUID(), erpSequence: '1' }
  await post('/inventory/v2/movements', { movements: [...movements, known] })
  await post('/inventory/v2/movements', { movements })
  const deadline = performance.now() + 20_000
  let catalogue: { items: { sku: string; location: string; onHand: number }[] }
  do {
    assert.ok(performance.now() < deadline, 'the ERP has not heard of it')
    await new Promise(resolve => setTimeout(resolve, 200))
    catalogue = (await app.control('catalogue')) as typeof catalogue
  } while (
    catalogue.items.find(item => item.sku === sku && item.location === 'DC-EAST')?.onHand !==
    before + 2
  )
  const { items } = (await app.control('documents?type=movement')) as {
    items: { content: { POSITIONEN: { MATNR: string; MENGE: string }[] } }[]
  }
  const lines = items
    .flatMap(({ content }) => content.POSITIONEN)
    .filter(({ MATNR }) => MATNR.endsWith(sku))
  assert.deepEqual(
    lines.map(({ MENGE }) => MENGE),
    ['-3,000', '5,000'],
  )
  let position: { onHand: { value: string }; unabsorbed: { value: string } }
  do {
    assert.ok(performance.now() < deadline, 'it is not absorbed')
    await new Promise(resolve => setTimeout(resolve, 200))
    await app.call(`/inventory/v2/availability?sku=${sku}&channel=web`, {
      headers: { 'cache-control': 'no-cache' },
    })
    position = await json(await app.call(at))
  } while (position.unabsorbed.value !== '0')
  assert.equal(Number(position.onHand.value), before + 2)
})

test('what a cache tells is never more than the ledger has, whatever was done in between', async () => {
  const sku = '100037'
  const pool = ['DC-EAST', 'DC-WEST', 'DARK-03']
  const inLedger = async (): Promise<number> => {
    const all = await Promise.all(
      pool.map(async location =>
        json(await app.call(`/inventory/v2/positions/${sku}/${location}?channel=web`)),
      ),
    )
    return all.reduce((sum, { sellable: { value } }) => sum + Number(value), 0)
  }
  const held: string[] = []
  await app.control('stock', { sku, location: 'DC-EAST', onHand: 40 })
  const steps = fc.sample(fc.record({ take: fc.boolean(), n: fc.integer({ min: 1, max: 4 }) }), 25)
  for (const { take, n } of steps) {
    const [id] = take ? [] : held.splice(0, 1)
    if (id) await post(`${RESERVATIONS}/${id}/release`)
    else {
      const reply = await post(RESERVATIONS, cart(sku, n))
      if (reply.status === 201) held.push((await json(reply)).id)
    }
    // The second is answered from the cache.
    const told = [await sellable(sku), await sellable(sku)]
    const there = await inLedger()
    for (const quantity of told) assert.ok(quantity <= there, `${quantity} told of ${there}`)
    // No faster than the consumer's plan allows.
    await new Promise(resolve => setTimeout(resolve, 60))
  }
})

test('what the contract asks for is asked for, all at once', async () => {
  const wrong = await app.call(RESERVATIONS, {
    method: 'POST',
    body: {
      channel: 'web',
      lines: [{ sku: '100001', quantity: { value: '1.5', uom: 'EA' } }],
      colour: 1,
    },
  })
  assert.equal(wrong.status, 400)
  const { errors } = await json(wrong)
  const pointers = errors.map((error: { pointer: string }) => error.pointer)
  for (const part of ['idempotency-key', 'quantity/value', 'colour']) {
    assert.ok(
      pointers.some((pointer: string) => pointer.includes(part)),
      part,
    )
  }
  const unknown = await post(RESERVATIONS, cart('100001', 1, { channel: 'moon' }), {
    as: 'platform-admin',
  })
  assert.ok([403, 422].includes(unknown.status))
})
