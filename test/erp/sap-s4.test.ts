import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { OPEN_GATE } from '../../src/connectors/gate/gate.ts'
import { createSapS4Connection } from '../../src/connectors/sap-s4/sap-s4.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { UpstreamFailure } from '../../src/kernel/upstream-failure.ts'
import type { ConnectionSettings } from '../../src/model/erp-connection.ts'
import { decimalText } from '../../src/model/money.ts'
import { quantityText } from '../../src/model/quantity.ts'
import type { ErpConnection } from '../../src/ports/erp.ts'
import { createFaultProxy, type FaultProxy, type ProxiedRequest } from '../support/fault-proxy.ts'
import { type SapPeer, sapMissing, startSap } from '../support/sap.ts'
import { readPriceTruth, readStockTruth } from './sap-truth.ts'
import { runErpConnectionSuite } from './suite/erp-connection-suite.ts'
import { callWith, priceKey, stockKey } from './suite/erp-under-test.ts'

if (sapMissing) test('a stand-in for S/4HANA', { skip: sapMissing }, () => {})
else runAll()

function runAll() {
  let sap: SapPeer
  before(async () => {
    sap = await startSap()
  })
  after(() => sap?.stop())

  runErpConnectionSuite({
    name: 'S/4HANA',
    skip: [{ cases: ['order posting', 'movement posting'], reason: 'it reads only' }],
    create: async () => {
      const faults = await createFaultProxy(sap.address)
      const connection = connect(faults.address)
      return {
        connection,
        faults,
        stock: await readStockTruth(sap),
        prices: await readPriceTruth(sap),
        isLogin,
        secrets: [sap.password, Buffer.from(`${sap.user}:${sap.password}`).toString('base64')],
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
      faults = await createFaultProxy(sap.address)
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

    test('a read shows the cookies of the session, and so opens no other', async () => {
      await using(connect(faults.address), async connection => {
        await readOne(connection)
        assert.match(
          String(faults.requests.at(-1)?.headers.cookie),
          /SAP_SESSIONID_S4H_100=.+; sap-/,
        )
      })
    })

    // Without it every batch of a big basket would fail half an hour after the last one.
    test('a CSRF token that ended in between is fetched once for all who need it', async () => {
      await using(connect(faults.address, { maxFilterLength: 500 }), async connection => {
        await readMany(connection)
        const start = logins()
        await sap.control('expire-csrf')
        await Promise.all(Array.from({ length: 5 }, () => readMany(connection)))
        assert.equal(logins() - start, 1)
      })
    })

    test('tokens that end at once do not become a storm of logins', async () => {
      await using(connect(faults.address, { maxFilterLength: 500 }), async connection => {
        const start = logins()
        const headers = { 'x-csrf-token': 'Required', 'content-type': 'text/plain' }
        const body = 'CSRF token validation failed'
        faults.inject({ kind: 'answer', status: 403, body, headers }, undefined, r => !isLogin(r))
        for (let i = 0; i < 10; i++) {
          await assert.rejects(readMany(connection), isFailure('session'))
        }
        assert.ok(logins() - start <= 5, `${logins() - start} logins`)
        await faults.heal()
      })
    })

    // SAP locks a user after five wrong passwords: ours, for all who use it.
    test('a wrong password is tried once, not once per call', async () => {
      const start = logins()
      await using(connect(faults.address, { password: 'wrong' }), async connection => {
        for (let i = 0; i < 5; i++) await assert.rejects(readOne(connection), isFailure('rejected'))
      })
      assert.equal(logins() - start, 1)
    })

    test('another client than the one that is served is refused', async () => {
      await using(connect(sap.address, { client: '200' }), async connection => {
        await assert.rejects(readOne(connection), isFailure('rejected'))
      })
    })
  })

  describe('failures', () => {
    test('too many requests at the ERP: busy, for as long as it asks', async () => {
      await using(connect(), async connection => {
        await readOne(connection)
        const match = 'A_MatlStkInAcctMod'
        const rule = { match, do: 'status', status: 429, retryAfter: 3, times: 1 }
        await sap.control('knobs', { rules: [rule] })
        await assert.rejects(readOne(connection), (failure: unknown) => {
          assert.ok(failure instanceof UpstreamFailure)
          assert.deepEqual([failure.kind, failure.details.retryAfterSeconds], ['busy', 3])
          return true
        })
        await readOne(connection)
      })
    })
  })

  describe('stock', () => {
    test('a question too long for one address is split, and travels as one request', async () => {
      const faults = await createFaultProxy(sap.address)
      await using(connect(faults.address, { maxFilterLength: 500 }), async connection => {
        await readOne(connection)
        const before = faults.requests.length
        assert.equal((await readMany(connection)).length, 100)
        const sent = faults.requests.slice(before)
        assert.deepEqual(
          sent.map(request => request.path),
          ['/sap/opu/odata/sap/API_MATERIAL_STOCK_SRV/$batch'],
        )
        const lines = sent[0]?.body.split('\r\n').filter(line => line.startsWith('GET ')) ?? []
        assert.ok(lines.length > 5 && lines.every(line => line.length < 800))
      })
      await faults.close()
    })

    test('nine plants of two hundred materials are told whole', async () => {
      await using(connect(), async connection => {
        const keys = ['1710', ...STORES].flatMap(location =>
          Array.from({ length: 200 }, (_, i) => stockKey({ sku: skuOf(i), location })),
        )
        const rows = (await connection.inventory?.readStock(keys, callWith())) ?? []
        assert.equal(rows.length, keys.length)
      })
    })

    test('pages are followed to the end', async () => {
      const faults = await createFaultProxy(sap.address)
      const service = '/sap/opu/odata/sap/API_MATERIAL_STOCK_SRV/'
      const page = (qty: string, next?: string) =>
        JSON.stringify({
          d: {
            results: [
              {
                Material: 'TG0001',
                StorageLocation: '0001',
                InventorySpecialStockType: '',
                MatlWrhsStkQtyInMatlBaseUnit: qty,
                MaterialBaseUnit: 'KG',
              },
            ],
            ...(next && { __next: `https://internal.example${service}${next}` }),
          },
        })
      await using(connect(faults.address), async connection => {
        await readOne(connection)
        // Thousandths that no float adds up to 0.3.
        const body = page('0.10000000000000', 'A_MatlStkInAcctMod?$skiptoken=1')
        faults.inject({ kind: 'answer', status: 200, body }, 1)
        const rows = readOne(connection)
        await faults.nextRequest()
        faults.inject({ kind: 'answer', status: 200, body: page('0.2') }, 1)
        assert.equal(quantityText((await rows)[0]?.onHand ?? assert.fail()), '0.3')
        assert.equal(faults.requests.at(-1)?.path, `${service}A_MatlStkInAcctMod?$skiptoken=1`)
      })
      await faults.close()
    })

    test('what lies in one storage location is told alone, where the policy names it', async () => {
      const plants = {
        FRONT: { plant: '1710', storageLocations: ['171A'] },
        BACK: { plant: '1710', storageLocations: ['171B'] },
        NOWHERE: { plant: '1710', storageLocations: ['171Z'] },
      }
      await using(connect(sap.address, { plants }), async connection => {
        const places = [...Object.keys(plants), '1710']
        const keys = places.map(location => stockKey({ sku: 'TG0001', location }))
        const rows = (await connection.inventory?.readStock(keys, callWith())) ?? []
        const told = Object.fromEntries(rows.map(row => [row.location, quantityText(row.onHand)]))
        assert.deepEqual(told, { FRONT: '1396', BACK: '1844', NOWHERE: '0', 1710: '3240' })
      })
    })

    test('a count at the ERP is in the next read', async () => {
      await using(connect(), async connection => {
        const place = { material: 'TG0007', plant: 'ST08', storageLocation: '0001' }
        await sap.control('stock', { ...place, qty: '17.000' })
        const key = stockKey({ sku: 'TG0007', location: 'ST08' })
        const [row] = (await connection.inventory?.readStock([key], callWith())) ?? []
        assert.equal(row && quantityText(row.onHand), '17')
      })
    })

    test('a SKU that no material number can be, or with a quote in it, is unknown', async () => {
      await using(connect(), async connection => {
        const keys = ['X'.repeat(41), "O'NEILL", "' or Plant ne '"].map(sku =>
          stockKey({ sku, location: 'ST01' }),
        )
        assert.deepEqual(await connection.inventory?.readStock(keys, callWith()), [])
      })
    })
  })

  describe('prices', () => {
    const key = (sku: string, more: { customerGroup?: string; at?: number } = {}) =>
      priceKey(
        { sku, channel: 'web', currency: 'USD', taxIncluded: false, ...more },
        more.at ?? Date.now(),
      )
    const read = (connection: ErpConnection, ...keys: ReturnType<typeof key>[]) =>
      connection.pricing?.readPrices(keys, callWith()) ?? Promise.reject(new Error('no prices'))

    test('a list price begins with its validity, and this one does not end', async () => {
      await using(connect(), async connection => {
        const [row] = await read(connection, key('TG0002'))
        assert.equal(row?.validFrom, Date.parse('2026-01-01T00:00:00Z'))
        assert.equal(row?.validTo, undefined)
        assert.equal(row?.sourceVersion, '300001')
      })
    })

    test('a price that has run out by the asked day is not told', async () => {
      await using(connect(), async connection => {
        await sap.write('API_SLSPRICINGCONDITIONRECORD_SRV/A_SlsPrcgCndnRecdValidity', {
          ConditionRecord: '300001',
          ConditionValidityEndDate: '/Date(1767139200000)/',
          ConditionValidityStartDate: '/Date(1735689600000)/',
          ConditionType: 'PPR0',
          SalesOrganization: '1710',
          DistributionChannel: '10',
          Material: 'TG0002',
        })
        assert.equal((await read(connection, key('TG0002'))).length, 1)
        const lastYear = await read(connection, key('TG0002', { at: Date.parse('2025-06-01') }))
        assert.deepEqual(lastYear.map(row => row.validTo ?? 0).sort(), [
          0,
          Date.parse('2026-01-01T00:00:00Z'),
        ])
      })
    })

    test("a customer's net price is what an order would charge, at each threshold", async () => {
      const faults = await createFaultProxy(sap.address)
      await using(connect(faults.address, { prices: { web: NET } }), async connection => {
        const skus = ['TG0001', 'TG0002', 'TG0006']
        const rows = await read(connection, ...skus.map(sku => key(sku)))
        const told = rows.map(({ sku, minQuantity, unitPrice, per }) =>
          [sku, decimalText(minQuantity), decimalText(unitPrice), decimalText(per)].join(' '),
        )
        const list = (await readPriceTruth(sap)).filter(truth => skus.includes(truth.sku))
        assert.ok(list.length > 0)
        for (const { sku, quantity, unitPrice } of list) {
          if (rows.some(row => row.sku === sku && decimalText(row.minQuantity) === quantity)) {
            assert.ok(told.includes(`${sku} ${quantity} ${unitPrice} 1`), told.join('; '))
          }
        }
        const paths = faults.requests.map(request => request.path)
        assert.equal(paths.filter(path => path.includes('SIMULATION_SRV/$batch')).length, 1)
      })
      await faults.close()
    })

    test('goods that cannot be sold have no net price, and do not spoil the others', async () => {
      await using(connect(sap.address, { prices: { web: NET } }), async connection => {
        const rows = await read(connection, key('TG0200'), key('TG0002'), key('NO-SUCH-SKU'))
        assert.deepEqual([...new Set(rows.map(row => row.sku))], ['TG0002'])
      })
    })

    // Without a word the whole shop would be without prices.
    test('a customer who is blocked is told as a refusal, with the code of the ERP', async () => {
      const netPrices = { division: '00', soldToParty: '17100003' }
      await using(connect(sap.address, { prices: { web: { ...LIST, netPrices } } }), async c => {
        await assert.rejects(read(c, key('TG0001'), key('TG0002')), (failure: unknown) => {
          assert.ok(failure instanceof UpstreamFailure)
          assert.deepEqual([failure.kind, failure.details.erpCode], ['rejected', 'V1/154'])
          return true
        })
      })
    })

    test('a customer group pays what its own customer pays', async () => {
      const customerGroups = { partner: '17100002' }
      const netPrices = { ...NET.netPrices, customerGroups }
      await using(connect(sap.address, { prices: { web: { ...LIST, netPrices } } }), async c => {
        const rows = await read(
          c,
          key('TG0002', { customerGroup: 'partner' }),
          key('TG0002', { customerGroup: 'stranger' }),
        )
        assert.deepEqual(
          rows.map(row => row.customerGroup),
          ['partner', undefined],
        )
      })
    })
  })

  function connect(
    address = sap.address,
    {
      password = sap.password,
      ...settings
    }: { password?: string; [setting: string]: unknown } = {},
  ): ErpConnection {
    const connection: ConnectionSettings = {
      name: 's4',
      connector: 'sap-s4',
      address,
      timeZone: 'UTC',
      baseCurrency: 'USD',
      capabilities: {
        quantitySemantics: 'PHYSICAL',
        changeSequence: 'NONE',
        idempotencySupport: 'NONE',
        maxConcurrency: 4,
        maxStockKeys: 200,
        maxPriceKeys: 100,
      },
      guard: {
        timeoutMs: 5000,
        maxConcurrency: 4,
        maxQueue: 100,
        attempts: 1,
        backoffMs: { initial: 1, max: 1 },
        breaker: { failureRatio: 1, minimumPerSecond: 1, windowMs: 1000, halfOpenAfterMs: 1000 },
      },
      settings: { client: '100', prices: { web: LIST }, ...settings },
      credentials: { user: sap.user, password },
    }
    return createSapS4Connection(connection, { clock: systemClock, gate: OPEN_GATE })
  }
}

const LIST = { salesOrganization: '1710', distributionChannel: '10' }
const NET = { ...LIST, netPrices: { division: '00', soldToParty: '17100001' } }

const STORES = Array.from({ length: 8 }, (_, i) => `ST0${i + 1}`)

const skuOf = (index: number): string => `TG${String(index + 1).padStart(4, '0')}`

const isLogin = ({ headers }: ProxiedRequest): boolean => headers['x-csrf-token'] === 'Fetch'

const isFailure = (kind: UpstreamFailure['kind']) => (error: unknown) => {
  assert.ok(error instanceof UpstreamFailure, String(error))
  assert.equal(error.kind, kind, error.message)
  return true
}

const readOne = (connection: ErpConnection) =>
  connection.inventory?.readStock([stockKey({ sku: 'TG0001', location: 'ST01' })], callWith()) ??
  Promise.reject(new Error('no inventory'))

const readMany = (connection: ErpConnection) => {
  const keys = Array.from({ length: 100 }, (_, i) => stockKey({ sku: skuOf(i), location: 'ST01' }))
  return connection.inventory?.readStock(keys, callWith()) ?? Promise.reject(new Error('no stock'))
}

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
