import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { OPEN_GATE } from '../../src/connectors/gate/gate.ts'
import { createOdooConnection } from '../../src/connectors/odoo/odoo.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { UpstreamFailure } from '../../src/kernel/upstream-failure.ts'
import type { ConnectionSettings } from '../../src/model/erp-connection.ts'
import { quantityText } from '../../src/model/quantity.ts'
import type { ErpConnection } from '../../src/ports/erp.ts'
import {
  COMPANY,
  DATABASE,
  type FakeOdoo,
  type FakeProduct,
  KEY,
  SERIALIZATION,
  startFakeOdoo,
  USER,
} from '../support/fake-odoo.ts'
import { createFaultProxy, type ProxiedRequest } from '../support/fault-proxy.ts'
import { runErpConnectionSuite } from './suite/erp-connection-suite.ts'
import { callWith, type PriceTruth, stockKey } from './suite/erp-under-test.ts'

const PLACES = { 'US-DC': { warehouse: 1 }, 'US-12': { location: 8 } }
const APIS = ['jsonrpc', 'json2'] as const

const products = (): FakeProduct[] =>
  Array.from({ length: 12 }, (_, i) => ({
    id: 20 + i,
    default_code: `00E-COM${i}`,
    uom_id: i === 3 ? [12, 'kg'] : [1, 'Units'],
    barcode: false,
    lst_price: 320 + i,
    stock: {
      // 0.1 + 0.2 is not 0.3 in a float, and a sum of lots is one.
      1: { quantity: i === 3 ? 0.1 + 0.2 : 500 + i, reserved: i === 3 ? 0.1 : 150 },
      8: { quantity: i === 5 ? -2 : i, reserved: 0 },
    },
  }))

const STOCK = Array.from({ length: 12 }, (_, i) =>
  [
    { location: 'US-DC', onHand: i === 3 ? '0.3' : String(500 + i) },
    { location: 'US-12', onHand: i === 5 ? '-2' : String(i) },
  ].map(row => ({ ...row, sku: `00E-COM${i}`, uom: i === 3 ? 'KGM' : 'EA' })),
).flat()

/** Reckoned by hand from the list prices 320 and 323: 10 % off, and 6.25 % of that from five on. */
const PRICES: readonly PriceTruth[] = [
  ['00E-COM0', '1', '288'],
  ['00E-COM0', '4', '288'],
  ['00E-COM0', '5', '270'],
  ['00E-COM4', '1', '291.6'],
  ['00E-COM4', '5', '273.38'],
].map(([sku = '', quantity = '', unitPrice = '']) => ({
  ...{ sku, quantity, unitPrice, channel: 'us-web', currency: 'USD', uom: 'EA' },
  taxIncluded: false,
}))

for (const api of APIS) {
  runErpConnectionSuite({
    name: `Odoo over ${api}`,
    skip: [{ cases: ['order posting', 'movement posting'], reason: 'it reads only' }],
    create: async () => {
      const odoo = await startFakeOdoo(products())
      const faults = await createFaultProxy(odoo.address)
      const connection = connect(faults.address, { api })
      return {
        ...{ connection, faults, isLogin, stock: STOCK, prices: PRICES, secrets: [KEY] },
        close: async () => {
          await connection.close()
          await faults.close()
          await odoo.close()
        },
      }
    },
  })

  describe(`Odoo over ${api}`, () => {
    let odoo: FakeOdoo
    let connection: ErpConnection
    before(async () => {
      odoo = await startFakeOdoo(products())
      connection = connect(odoo.address, { api })
    })
    after(async () => {
      await connection.close()
      await odoo.close()
    })
    const key = stockKey({ sku: '00E-COM0', location: 'US-DC' })
    const readOne = (of = connection) => of.inventory?.readStock([key], callWith()) ?? assert.fail()

    // Odoo has tried five times itself by then: it is busy, not broken.
    test('a transaction that lost to another is busy', async () => {
      odoo.raise(SERIALIZATION, 1)
      await assert.rejects(readOne(), isFailure('busy'))
      await readOne()
    })

    test('a business no is one, with its name and without its traceback', async () => {
      const name = 'odoo.exceptions.AccessError'
      odoo.raise({ name, message: 'You are not allowed', status: 403 }, 1)
      await assert.rejects(readOne(), (error: unknown) => {
        assert.ok(error instanceof UpstreamFailure && error.kind === 'rejected')
        assert.equal(error.details.erpCode, name)
        assert.doesNotMatch(error.message, /Traceback/)
        return true
      })
    })

    test('a wrong key is tried once, not once per call', async () => {
      const wrong = connect(odoo.address, { api }, 'wrong')
      const start = odoo.calls.length
      for (let i = 0; i < 5; i++) await assert.rejects(readOne(wrong), isFailure('rejected'))
      assert.ok(odoo.calls.length - start <= 1)
      await wrong.close()
    })

    test('net of the orders of Odoo, reserved goods are not there', async () => {
      const net = connect(odoo.address, { api }, KEY, 'NET_OF_ERP_ORDERS')
      const [row] = await readOne(net)
      assert.equal(row && quantityText(row.onHand), '350')
      await net.close()
    })

    // Either's stock could be sold for the other's.
    test('a code that two products share names none of them', async () => {
      const [first] = odoo.products
      assert.ok(first)
      odoo.products.push({ ...first, id: 99 })
      assert.deepEqual(await readOne(), [])
      odoo.products.pop()
      assert.equal((await readOne()).length, 1)
    })

    test('a key that was withdrawn is refused from then on', async () => {
      odoo.setKey('another-key')
      await assert.rejects(readOne(), isFailure('rejected'))
      odoo.setKey(KEY)
    })
  })
}

const isLogin = ({ body }: ProxiedRequest): boolean =>
  body.includes('"authenticate"') || body.includes('[["id","=",0]]')

const isFailure = (kind: UpstreamFailure['kind']) => (error: unknown) => {
  assert.ok(error instanceof UpstreamFailure, String(error))
  assert.equal(error.kind, kind, error.message)
  return true
}

function connect(
  address: string,
  settings: { api: (typeof APIS)[number] },
  key = KEY,
  quantitySemantics: 'PHYSICAL' | 'NET_OF_ERP_ORDERS' = 'PHYSICAL',
): ErpConnection {
  const list = { pricelist: 1, partner: 9, currency: 'USD', taxIncluded: false }
  const connection: ConnectionSettings = {
    ...{ name: 'odoo', connector: 'odoo', address, timeZone: 'UTC', baseCurrency: 'USD' },
    capabilities: {
      quantitySemantics,
      changeSequence: 'NONE',
      idempotencySupport: 'NONE',
      maxConcurrency: 4,
      maxStockKeys: 200,
      maxPriceKeys: 50,
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
      ...settings,
      database: DATABASE,
      company: COMPANY,
      places: PLACES,
      priceLists: { channels: { 'us-web': { ...list, taxCategory: 'STANDARD' } } },
      priceSteps: ['1', '5'],
    },
    credentials: { user: USER, key },
  }
  return createOdooConnection(connection, { clock: systemClock, gate: OPEN_GATE })
}
