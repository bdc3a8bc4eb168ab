import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { OPEN_GATE } from '../../src/connectors/gate/gate.ts'
import { createTrytonConnection } from '../../src/connectors/tryton/tryton.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { UpstreamFailure } from '../../src/kernel/upstream-failure.ts'
import type { ConnectionSettings, ErpCapabilities } from '../../src/model/erp-connection.ts'
import { decimalText } from '../../src/model/money.ts'
import { quantityText } from '../../src/model/quantity.ts'
import type { ErpConnection } from '../../src/ports/erp.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { createFaultProxy, type FaultProxy, type ProxiedRequest } from '../support/fault-proxy.ts'
import { orderOf } from '../support/orders.ts'
import { type RealTryton, startTryton, trytonMissing } from '../support/tryton.ts'
import { runErpConnectionSuite } from './suite/erp-connection-suite.ts'
import { callWith, priceKey, stockKey } from './suite/erp-under-test.ts'
import { idOf, readPriceTruth, readStockTruth, shortest, writeBooks } from './tryton-truth.ts'

if (trytonMissing) test('a real Tryton', { skip: trytonMissing }, () => {})
else runAll()

function runAll() {
  let tryton: RealTryton
  before(async () => {
    tryton = await startTryton()
  })
  after(() => tryton?.stop())

  runErpConnectionSuite({
    name: 'Tryton',
    create: async () => {
      const faults = await createFaultProxy(tryton.address)
      const connection = connect(faults.address)
      return {
        connection,
        faults,
        stock: await readStockTruth(tryton),
        prices: await readPriceTruth(tryton),
        isLogin,
        ...(tryton.own && { writes: writeBooks(tryton) }),
        secrets: [tryton.password],
        close: async () => {
          await connection.close()
          await faults.close()
        },
      }
    },
  })

  describe('sessions', () => {
    let faults: FaultProxy
    before(async () => {
      faults = await createFaultProxy(tryton.address)
    })
    after(() => faults.close())

    const logins = () => faults.requests.filter(isLogin).length

    test('however many calls come first, one login serves them', async () => {
      const start = logins()
      await using(connect(faults.address), async connection => {
        await Promise.all(Array.from({ length: 20 }, () => readOne(connection)))
      })
      assert.equal(logins() - start, 1)
    })

    test('however many calls find the session over, one login serves them', async () => {
      await using(connect(faults.address), async connection => {
        await readOne(connection)
        const start = logins()
        faults.inject({ kind: 'answer', status: 401 }, 8, request => !isLogin(request))
        await Promise.all(Array.from({ length: 4 }, () => readOne(connection)))
        assert.equal(logins() - start, 1)
        await faults.heal()
      })
    })

    // Tryton slows down after each failed login and refuses all after the sixth: ours, and the user's.
    test('a wrong password is tried once, not once per call', async () => {
      const start = logins()
      await using(connect(faults.address, { password: 'wrong' }), async connection => {
        for (let i = 0; i < 5; i++) {
          await assert.rejects(readOne(connection), (error: unknown) => {
            assert.ok(error instanceof UpstreamFailure)
            assert.equal(error.kind, 'rejected')
            return true
          })
        }
      })
      assert.equal(logins() - start, 1)
    })

    test('sessions that end at once do not become a storm of logins', async () => {
      await using(connect(faults.address), async connection => {
        await readOne(connection)
        const start = logins()
        faults.inject({ kind: 'answer', status: 401 }, undefined, request => !isLogin(request))
        for (let i = 0; i < 20; i++) await assert.rejects(readOne(connection))
        assert.ok(logins() - start <= 5, `${logins() - start} logins`)
        await faults.heal()
      })
    })

    test('a session is ended when the connection is closed', async () => {
      const connection = connect(faults.address)
      await readOne(connection)
      await connection.close()
      assert.ok(faults.requests.at(-1)?.body.includes('common.db.logout'))
    })

    test('an error within status 200 is seen', async () => {
      const answers = [
        ['["UserError",["no","",null]]', 'rejected', 'UserError'],
        ['["UserWarning",["future_inventory","sure?",""]]', 'rejected', 'future_inventory'],
        ['["could not serialize access due to concurrent update\\n",""]', 'busy', undefined],
        ['["\'nope\'",""]', 'garbled', undefined],
        ['"what?"', 'garbled', undefined],
      ] as const
      await using(connect(faults.address), async connection => {
        await readOne(connection)
        for (const [error, kind, erpCode] of answers) {
          faults.inject({ kind: 'answer', status: 200, body: `{"id":1,"error":${error}}` })
          await assert.rejects(readOne(connection), (failure: unknown) => {
            assert.ok(failure instanceof UpstreamFailure)
            assert.deepEqual([failure.kind, failure.details.erpCode], [kind, erpCode])
            return true
          })
          await faults.heal()
        }
      })
    })
  })

  describe('stock', () => {
    test('services and retired goods are absent: they are not stocked', async () => {
      await using(connect(), async connection => {
        const skus = ['SHIP-STD', 'RETIRED']
        const keys = skus.map(sku => stockKey({ sku, location: 'DC-EAST' }))
        assert.deepEqual(await connection.inventory?.readStock(keys, callWith()), [])
      })
    })

    test('goods on their way are told with the day they come', async () => {
      await using(connect(), async connection => {
        const [delivery] = await tryton.ask('model.stock.move.search_read', [
          [
            ['state', '=', 'draft'],
            ['from_location.type', '=', 'supplier'],
          ],
          0,
          1,
          [['id', 'ASC']],
          ['product.code', 'quantity', 'planned_date'],
        ])
        const key = stockKey({ sku: delivery['product.'].code, location: 'DC-EAST' })
        const [row] = (await connection.inventory?.readStock([key], callWith())) ?? []
        const { year, month, day } = delivery.planned_date
        const date = new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10)
        assert.equal(row?.nextSupply?.date, date)
        assert.equal(row && quantityText(row.nextSupply?.quantity ?? row.onHand), '100')
      })
    })

    test('a GTIN is told in fourteen digits', async () => {
      await using(connect(), async connection => {
        const key = stockKey({ sku: '0004711', location: 'STORE-12' })
        const [row] = (await connection.inventory?.readStock([key], callWith())) ?? []
        assert.equal(row?.gtin, '04006381333931')
      })
    })

    test('physical stock keeps what is sold until it leaves; net stock is less at once', async t => {
      if (!tryton.own) return t.skip('TRYTON_URL is not ours to write to')
      const sku = 'LMP-PRO'
      const read = (semantics: ErpCapabilities['quantitySemantics']) =>
        using(connect(tryton.address, { semantics }), async connection => {
          const key = stockKey({ sku, location: 'STORE-12' })
          const [row] = (await connection.inventory?.readStock([key], callWith())) ?? []
          return row ? Number(quantityText(row.onHand)) : undefined
        })
      const before = await read('PHYSICAL')
      assert.ok(before !== undefined && before > 3)
      assert.equal(await read('NET_OF_ERP_ORDERS'), before)
      await sell(tryton, sku, 'STORE-12', 3)
      assert.equal(await read('PHYSICAL'), before)
      assert.equal(await read('NET_OF_ERP_ORDERS'), before - 3)
    })

    test('a count at the ERP is in the next read', async t => {
      if (!tryton.own) return t.skip('TRYTON_URL is not ours to write to')
      await using(connect(), async connection => {
        const key = stockKey({ sku: 'CHEESE', location: 'STORE-27' })
        const onHand = async () => {
          const [row] = (await connection.inventory?.readStock([key], callWith())) ?? []
          return row && quantityText(row.onHand)
        }
        assert.equal(await onHand(), '0.05')
        await count(tryton, 'CHEESE', 'STORE-27', 7.35)
        assert.equal(await onHand(), '7.35')
      })
    })
  })

  // Two ERPs behind one gateway: the sandbox serves Europe, Tryton the United States.
  describe('behind the gateway', () => {
    let app: TestApp
    before(async () => {
      app = await startTestApp({
        env: {
          TRYTON_URL: tryton.address,
          TRYTON_DATABASE: tryton.database,
          TRYTON_USER: tryton.user,
          TRYTON_PASSWORD: tryton.password,
        },
        edit: {
          'erps/tryton.yaml': () => snippetOf('src/connectors/tryton/README.md'),
          'locations.yaml': text =>
            text + ['US-DC', 'US-12', 'US-27'].map(id => `  ${id}: ${US_PLACE}\n`).join(''),
          'channels.yaml': text => `${text}  us-web: ${US_CHANNEL}\n`,
          'consumers/platform-admin.yaml': text =>
            text.replace('b2b]', 'b2b, us-web]').replace('eu-west]', 'eu-west, us-east]'),
        },
      })
    })
    after(() => app?.close())

    test('availability is what Tryton has, place by place', async () => {
      const places: Record<string, string> = { 'DC-EAST': 'US-DC', 'STORE-12': 'US-12' }
      const truth = (await readStockTruth(tryton)).filter(row => places[row.location])
      const skus = [...new Set(truth.map(row => row.sku))]
      const reply = await app.call('/inventory/v2/availability/query', {
        body: { skus, locations: Object.values(places) },
      })
      const { items } = (await reply.json()) as Availability
      for (const { sku, location, onHand, uom } of truth) {
        const there = items
          .find(item => item.sku === sku)
          ?.locations.find(place => place.location === places[location])
        assert.deepEqual(there?.quantity, { value: onHand, uom }, `${sku} ${location}`)
      }
    })

    test('prices are what Tryton charges, step by step', async () => {
      const truth = (await readPriceTruth(tryton)).filter(row => row.customerGroup === undefined)
      const skus = [...new Set(truth.map(row => row.sku))].slice(-10)
      const query = skus.map(sku => `sku=${sku}`).join('&')
      const reply = await app.call(`/pricing/v1/prices?${query}&channel=us-web`)
      assert.equal(reply.status, 200)
      const { prices } = (await reply.json()) as Prices
      for (const { sku, quantity, unitPrice } of truth.filter(row => skus.includes(row.sku))) {
        const scales = prices.find(price => price.sku === sku)?.scales ?? []
        const step = scales.findLast(scale => Number(scale.minQuantity.value) <= Number(quantity))
        assert.equal(Number(step?.unitPrice.decimal), Number(unitPrice), `${quantity} ${sku}`)
      }
    })

    const post = async (path: string, body: object) => {
      const headers = { 'idempotency-key': randomUUID(), prefer: 'wait=20' }
      const reply = await app.call(path, { method: 'POST', body, headers })
      assert.ok(reply.ok, await reply.clone().text())
      return reply.json() as Promise<Order>
    }
    const read = async (id: string) =>
      (await app.call(`/orders/v1/orders/${id}`)).json() as Promise<Order>
    const until = async (id: string, holds: (order: Order) => boolean): Promise<void> => {
      const deadline = performance.now() + 60_000
      for (let order = await read(id); !holds(order); order = await read(id)) {
        assert.ok(performance.now() < deadline, JSON.stringify(order))
        await new Promise(resolve => setTimeout(resolve, 200))
      }
    }
    const available = async (sku: string, location: string): Promise<number> => {
      const reply = await app.call(`/inventory/v2/positions/${sku}/${location}`)
      const { availableToPromise } = (await reply.json()) as { availableToPromise: Quantity }
      return Number(availableToPromise.value)
    }

    test('an order becomes sales where the goods are, ships in parts, and the stock agrees', async t => {
      if (!tryton.own) return t.skip('TRYTON_URL is not ours to write to')
      const books = writeBooks(tryton)
      const [sku, places] = ['TEE-XL', ['US-DC', 'US-12']] as const
      const before = await Promise.all(places.map(place => available(sku, place)))
      const [inDc = 0, inStore = 0] = before
      assert.ok(inDc > 0 && inStore > 2)
      // More than one place has: both deliver.
      const pieces = inDc + 2
      const order = await post('/orders/v1/orders', usOrder(sku, pieces))
      assert.deepEqual(
        order.erpSync.map(({ state }) => state),
        ['CONFIRMED', 'CONFIRMED'],
      )
      const reference = order.id.slice('ord_'.length)
      const sales = [...(await books.orders(reference)), ...(await books.orders(`${reference}-2`))]
      assert.deepEqual(
        new Set(sales.map(({ number }) => number)),
        new Set(order.erpSync.map(({ erpDocumentNumber }) => erpDocumentNumber)),
      )
      const sold = sales.flatMap(({ lines }) => lines.map(({ quantity }) => quantity))
      assert.equal(
        sold.reduce((sum, quantity) => sum + quantity),
        pieces,
      )
      const [one, two] = sales
      assert.ok(one && two)
      assert.equal(Number(one.net) + Number(two.net), (1252 * pieces) / 100)
      await books.ship?.(one.number, [{ sku, location: '', quantity: 1 }])
      await until(order.id, ({ lifecycle }) => lifecycle === 'IN_FULFILMENT')
      const rest = (one.lines[0]?.quantity ?? 0) - 1
      await books.ship?.(one.number, [{ sku, location: '', quantity: rest }])
      await books.ship?.(two.number, [{ sku, location: '', quantity: two.lines[0]?.quantity ?? 0 }])
      await until(order.id, ({ lifecycle }) => lifecycle === 'FULFILLED')
      const left = await Promise.all(places.map(place => available(sku, place)))
      assert.equal(
        left.reduce((sum, n) => sum + n),
        inDc + inStore - pieces,
      )
    })

    test('a cancelled order is cancelled in Tryton, and its goods are on sale again', async t => {
      if (!tryton.own) return t.skip('TRYTON_URL is not ours to write to')
      const sku = 'TEE-S'
      const before = await available(sku, 'US-DC')
      const order = await post('/orders/v1/orders', usOrder(sku, 2))
      await post(`/orders/v1/orders/${order.id}/cancel`, { reason: 'changed their mind' })
      await until(order.id, ({ lifecycle }) => lifecycle === 'CANCELLED')
      const [sale] = await writeBooks(tryton).orders(order.id.slice('ord_'.length))
      assert.equal(sale?.isCancelled, true)
      assert.equal(await available(sku, 'US-DC'), before)
    })

    // A till sells what lies there, whatever the books say.
    test('what is gone is gone, though Tryton has less than that', async t => {
      if (!tryton.own) return t.skip('TRYTON_URL is not ours to write to')
      const sku = 'LMP-PRO'
      const there = await available(sku, 'US-27')
      const movement = {
        source: 'till-27',
        movementId: randomUUID(),
        sku,
        location: 'US-27',
        delta: { value: String(-there - 2), uom: 'EA' },
        kind: 'SALE',
        occurredAt: '2026-11-23T12:00:00-05:00',
      }
      await post('/inventory/v2/movements', { movements: [movement] })
      const warehouse = await idOf(tryton, 'stock.location', 'code', 'STORE-27')
      const product = await idOf(tryton, 'product.product', 'code', sku)
      const deadline = performance.now() + 20_000
      const inTryton = async (): Promise<number> => {
        const [row] = await tryton.ask('model.product.product.read', [[product], ['quantity']], {
          locations: [warehouse],
          with_childs: true,
        })
        return row.quantity
      }
      while ((await inTryton()) !== -2) {
        assert.ok(performance.now() < deadline, 'Tryton has not heard of it')
        await new Promise(resolve => setTimeout(resolve, 200))
      }
      assert.equal(await available(sku, 'US-27'), -2)
    })
  })

  describe('prices', () => {
    test('goods that are not priced have no price, and do not spoil the others', async () => {
      await using(connect(), async connection => {
        const keys = ['UNPRICED', 'RETIRED', 'TEE-M'].map(sku => priceKey(priced(sku), Date.now()))
        const rows = await connection.pricing?.readPrices(keys, callWith())
        assert.deepEqual([...new Set(rows?.map(row => row.sku))], ['TEE-M'])
      })
    })

    test('in a foreign currency it is what a sale line would say', async () => {
      const [product, currency, list, party] = await Promise.all([
        idOf(tryton, 'product.product', 'code', 'TEE-M'),
        idOf(tryton, 'currency.currency', 'code', 'CAD'),
        idOf(tryton, 'product.price_list', 'name', 'Retail'),
        idOf(tryton, 'party.party', 'code', 'WEB'),
      ])
      const [line] = await tryton.ask('model.sale.line.on_change', [
        {
          product,
          quantity: 12,
          '_parent_sale.party': party,
          '_parent_sale.company': 1,
          '_parent_sale.price_list': list,
          '_parent_sale.currency': currency,
        },
        ['product'],
      ])
      await using(connect(), async connection => {
        const key = priceKey({ ...priced('TEE-M'), currency: 'CAD' }, Date.now())
        const rows = (await connection.pricing?.readPrices([key], callWith())) ?? []
        const step = rows.find(row => decimalText(row.minQuantity) === '10')
        assert.equal(step && decimalText(step.unitPrice), shortest(line.unit_price.decimal))
      })
    })

    test('taxed and untaxed goods are told apart', async () => {
      await using(connect(), async connection => {
        const keys = ['TEE-M', 'TEA-BLK'].map(sku => priceKey(priced(sku), Date.now()))
        const rows = (await connection.pricing?.readPrices(keys, callWith())) ?? []
        const taxes = rows.map(({ sku, taxCategory, taxRate }) =>
          [sku, taxCategory, taxRate && decimalText(taxRate)].join(' '),
        )
        assert.deepEqual(new Set(taxes), new Set(['TEE-M STANDARD 0.075', 'TEA-BLK EXEMPT 0']))
      })
    })

    test('a price list that the policies name and Tryton does not have is said so', async () => {
      await using(connect(tryton.address, { priceList: 'Sale' }), async connection => {
        const read = connection.pricing?.readPrices([priceKey(priced('TEE-M'), 0)], callWith())
        await assert.rejects(read ?? Promise.resolve(), /there is no price list "Sale"/)
      })
    })
  })

  function connect(
    address = tryton.address,
    {
      password = tryton.password,
      semantics = 'PHYSICAL',
      priceList = 'Retail',
    }: {
      password?: string
      semantics?: ErpCapabilities['quantitySemantics']
      priceList?: string
    } = {},
  ): ErpConnection {
    const settings: ConnectionSettings = {
      name: 'tryton-east',
      connector: 'tryton',
      address,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      baseCurrency: 'USD',
      capabilities: {
        quantitySemantics: semantics,
        changeSequence: 'NONE',
        idempotencySupport: 'NONE',
        maxConcurrency: 4,
        maxStockKeys: 200,
        maxPriceKeys: 60,
      },
      guard: {
        timeoutMs: 5000,
        maxConcurrency: 4,
        maxQueue: 100,
        attempts: 1,
        backoffMs: { initial: 1, max: 1 },
        breaker: { failureRatio: 1, minimumPerSecond: 1, windowMs: 1000, halfOpenAfterMs: 1000 },
      },
      settings: {
        database: tryton.database,
        orders: { customers: { web: 'WEB' } },
        priceLists: { channels: { web: priceList }, customerGroups: { partner: 'Partner' } },
        taxCategories: { 'Sales tax 7.5%': 'STANDARD' },
      },
      credentials: { user: tryton.user, password },
    }
    return createTrytonConnection(settings, { clock: systemClock, gate: OPEN_GATE })
  }
}

type Quantity = { value: string; uom: string }
type Availability = {
  items: { sku: string; locations: { location: string; quantity: Quantity }[] }[]
}
type Order = {
  id: string
  lifecycle: string
  erpSync: { state: string; erpDocumentNumber: string }[]
}
type Prices = {
  prices: {
    sku: string
    scales: { minQuantity: Quantity; unitPrice: { decimal: string } }[]
  }[]
}

const US_PLACE =
  '{ type: DC, region: us-east, legalEntity: retail-us, country: US, timeZone: America/New_York }'
const US_CHANNEL =
  '{ currencies: [USD], pool: [US-DC, US-12], lowStockUnits: 0, bufferUnits: 0, roundingMode: HALF_UP, taxRounding: LINE, quoteTtlSeconds: 900 }'

/** An order of the same amounts, in the American channel. */
const usOrder = (sku: string, pieces: number) => {
  const money = (amountMinor: number) => ({ amountMinor: amountMinor * pieces, currency: 'USD' })
  const [net, tax, lineTotal] = [1252, 238, 1490].map(money)
  const { lines, ...order } = orderOf({ sku, pieces })
  return {
    ...order,
    channelId: 'us-web',
    currency: 'USD',
    totals: { net, tax, gross: lineTotal },
    payments: [],
    lines: lines.map(line => ({ ...line, net, tax, lineTotal })),
  }
}

/** The connection that the README shows, so that what it shows works. */
const snippetOf = (file: string): string => {
  const [, yaml] = /```yaml\n(.*?)```/s.exec(readFileSync(file, 'utf8')) ?? []
  assert.ok(yaml)
  return yaml
}

const isLogin = ({ body }: ProxiedRequest): boolean => body.includes('common.db.login')

const priced = (sku: string) => ({ sku, channel: 'web', currency: 'USD', taxIncluded: false })

async function using<T>(
  connection: ErpConnection,
  work: (connection: ErpConnection) => Promise<T>,
): Promise<T> {
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}

const readOne = (connection: ErpConnection) =>
  connection.inventory?.readStock([stockKey({ sku: 'TEE-M', location: 'DC-EAST' })], callWith()) ??
  Promise.reject(new Error('no inventory'))

/** Confirms an order, as a clerk would: nothing is picked or shipped yet. */
async function sell(tryton: RealTryton, sku: string, location: string, quantity: number) {
  const product = await idOf(tryton, 'product.product', 'code', sku)
  const warehouse = await idOf(tryton, 'stock.location', 'code', location)
  const party = await idOf(tryton, 'party.party', 'code', 'WEB')
  const [defaults] = await tryton.ask('model.sale.sale.on_change', [
    { company: 1, party, lines: [] },
    ['party'],
  ])
  const unit_price = { __class__: 'Decimal', decimal: '10' }
  const [sale] = await tryton.ask('model.sale.sale.create', [
    [
      {
        party,
        warehouse,
        invoice_address: defaults.invoice_address,
        shipment_address: defaults.shipment_address,
        lines: [['create', [{ product, quantity, unit: 1, unit_price }]]],
      },
    ],
  ])
  await tryton.ask('model.sale.sale.quote', [[sale]])
  await tryton.ask('model.sale.sale.confirm', [[sale]])
}

async function count(tryton: RealTryton, sku: string, location: string, quantity: number) {
  const product = await idOf(tryton, 'product.product', 'code', sku)
  const storage = await idOf(tryton, 'stock.location', 'code', `${location}-STO`)
  const today = new Date()
  const date = {
    __class__: 'date',
    year: today.getFullYear(),
    month: today.getMonth() + 1,
    day: today.getDate(),
  }
  const lines = [['create', [{ product, quantity }]]]
  const inventory = await tryton.ask('model.stock.inventory.create', [
    [{ location: storage, date, company: 1, empty_quantity: 'keep', lines }],
  ])
  await tryton.ask('model.stock.inventory.confirm', [inventory])
}
