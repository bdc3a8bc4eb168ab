import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createSandbox } from '../../src/sandbox/server.ts'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { orderOf } from '../support/orders.ts'
import { postgresMissing, startPostgres } from '../support/postgres.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Quick, and yet what it has acknowledged outlives its own death. */
const LASTING = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=on']
const WORKERS = 8
const SKU = '100020'

/** Two gateways, started at the same moment on an empty database, and the ERP that they share. */
async function startTwo(t: TestContext) {
  const folder = await temporaryFolder(t)
  const postgres = await startPostgres(LASTING)
  t.after(() => postgres.stop())
  const sandbox = await createSandbox({ port: 0, dataDir: join(folder, 'erp') })
  t.after(() => sandbox.close())
  const policies = join(folder, 'policies')
  await cp('policies', policies, { recursive: true })
  const erp = join(policies, 'erps/sandbox.yaml')
  const text = await readFile(erp, 'utf8')
  await writeFile(erp, text.replace(/^address: .*$/m, `address: ${sandbox.url}`))
  const gateways = await Promise.all(
    ['one', 'other'].map(async name => {
      const gateway = await startGatewayProcess({
        POSTERN_SANDBOX_PORT: 'off',
        POSTERN_DATA_DIR: join(folder, name),
        POSTERN_POLICIES: policies,
        DATABASE_URL: postgres.url,
      })
      t.after(() => gateway.stop())
      const keys = {
        shop: await gateway.keyOf('storefront-web'),
        admin: await gateway.keyOf('platform-admin'),
      }
      return { ...gateway, keys }
    }),
  )
  /** Calls one of them: even numbers the first, odd ones the second. */
  const call = async (n: number, path: string, body?: object, key = randomUUID()) => {
    const { publicUrl, keys } = gateways[n % 2] ?? assert.fail()
    return fetch(publicUrl + path, {
      headers: {
        'x-api-key': body ? keys.shop : keys.admin,
        ...(body && { 'content-type': 'application/json', 'idempotency-key': key }),
      },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    })
  }
  const control = async (path: string, body?: object) => {
    const response = await fetch(`${sandbox.url}/_control/${path}`, {
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    })
    assert.equal(response.status, 200)
    return response.json()
  }
  return { postgres, gateways, call, control }
}

type Erp = Pick<Awaited<ReturnType<typeof startTwo>>, 'control'>

const referencesAt = async ({ control }: Erp): Promise<readonly string[]> => {
  const { items } = (await control('documents?type=order')) as { items: { reference: string }[] }
  return items.map(({ reference }) => reference)
}

// A database is patched at night, and crashes by day; the shop's customers go on buying.
test('orders outlive restarts of PostgreSQL, and callers are told when to come again', {
  skip: postgresMissing,
}, async t => {
  const { postgres, gateways, call, control } = await startTwo(t)
  await control('stock', { sku: SKU, location: 'DC-EAST', onHand: 100_000 })
  const news = new EventEmitter()
  const accepted = new Map<string, string>()
  let isOver = false

  /** Asks, one gateway and then the other, with the same key, until the order is accepted. */
  const place = async (number: string): Promise<void> => {
    const [order, key] = [orderOf({ channelOrderId: number, pieces: 1, sku: SKU }), randomUUID()]
    for (let attempt = accepted.size; ; attempt++) {
      const response = await call(attempt, '/orders/v1/orders', order, key)
      const answer = (await response.json()) as { id: string; code: string; lifecycle: string }
      if (response.ok) {
        assert.equal(answer.lifecycle, 'RELEASED')
        accepted.set(number, answer.id)
        news.emit('accepted')
        return
      }
      assert.equal(response.status, 503, answer.code)
      assert.equal(response.headers.get('content-type'), 'application/problem+json')
      assert.ok(Number(response.headers.get('retry-after')) >= 1)
      if (answer.code === 'storage-unreachable') news.emit('refused')
    }
  }
  const working = Promise.all(
    Array.from({ length: WORKERS }, async (_, worker) => {
      for (let n = 0; !isOver; n++) await place(`${worker}-${n}`)
    }),
  )
  const several = async (event: string) => {
    for (let n = 0; n < 3 * WORKERS; n++) await Promise.race([once(news, event), working])
  }
  const readiness = () =>
    Promise.all(
      gateways.map(async ({ managementUrl }) => (await fetch(`${managementUrl}/readyz`)).status),
    )

  for (const mode of ['fast', 'immediate'] as const) {
    await several('accepted')
    await postgres.end(mode)
    await several('refused')
    assert.deepEqual(await readiness(), [503, 503])
    await postgres.start()
    await several('accepted')
    assert.deepEqual(await readiness(), [200, 200])
  }
  isOver = true
  await working

  const expected = [...accepted.values()].map(id => id.slice('ord_'.length)).sort()
  assert.equal(new Set(expected).size, accepted.size, 'two orders got one id')
  // An attempt that the restart has cut is taken up again when its time is over.
  const deadline = performance.now() + 90_000
  while (new Set(await referencesAt({ control })).size < expected.length) {
    assert.ok(performance.now() < deadline, 'not all orders reach the ERP')
    await new Promise(resolve => setTimeout(resolve, 250))
  }
  for (const id of accepted.values()) {
    for (;;) {
      const response = await call(0, `/orders/v1/orders/${id}`)
      const { erpSync } = (await response.json()) as { erpSync: { state: string }[] }
      if (erpSync[0]?.state === 'CONFIRMED') break
      assert.ok(performance.now() < deadline, `${id} is ${erpSync[0]?.state}`)
      await new Promise(resolve => setTimeout(resolve, 250))
    }
  }
  assert.deepEqual([...(await referencesAt({ control }))].sort(), expected)
})

test('of two hundred who want the last one, by two gateways, exactly one gets it', {
  skip: postgresMissing,
}, async t => {
  const { call, control } = await startTwo(t)
  // One is kept back from the web.
  await control('stock', { sku: SKU, location: 'DC-EAST', onHand: 2 })
  const wish = {
    channel: 'web',
    lines: [{ lineId: '1', sku: SKU, quantity: { value: '1', uom: 'EA' }, location: 'DC-EAST' }],
  }
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, n) => {
      for (const key = randomUUID(); ; ) {
        const response = await call(n, '/inventory/v2/reservations', wish, key)
        const { code } = (await response.json()) as { code?: string }
        // A busy machine may let some wait.
        if (response.status !== 503) return `${response.status} ${code ?? ''}`.trim()
      }
    }),
  )
  const tally = Object.fromEntries(
    [...Map.groupBy(answers, answer => answer)].map(([answer, all]) => [answer, all.length]),
  )
  assert.deepEqual(tally, { '201': 1, '409 stock-short': 199 })
  for (const n of [0, 1]) {
    const position = await call(n, `/inventory/v2/positions/${SKU}/DC-EAST?channel=web`)
    const { held, sellable } = (await position.json()) as Record<string, { value: string }>
    assert.deepEqual([held?.value, sellable?.value], ['1', '0'])
  }
})
