import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { silentLogger } from '../../src/kernel/logger.ts'
import { createSandbox } from '../../src/sandbox/server.ts'
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts'
import { orderOf } from '../support/orders.ts'
import { postgresMissing, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

type Sandbox = Awaited<ReturnType<typeof createSandbox>>
type Document = { readonly reference: string }

let postgres: TestPostgres | undefined
before(async () => {
  if (!postgresMissing) postgres = await startPostgres()
})
after(() => postgres?.stop())

const control = async (sandbox: Sandbox, path: string, body?: object): Promise<unknown> => {
  const response = await fetch(`${sandbox.url}/_control/${path}`, {
    ...(body && {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  })
  return response.json()
}

const ROUNDS = 3
const ORDERS_A_ROUND = 20

for (const engine of ['the embedded engine', 'PostgreSQL'] as const) {
  // The promise that everything else serves: an answer was given, the power went, the ERP lost its own answers.
  test(`what was acknowledged is there once, on both sides, however the process dies: ${engine}`, {
    skip: engine === 'PostgreSQL' && postgresMissing,
  }, async t => {
    const folder = await temporaryFolder(t)
    const sandbox = await createSandbox({
      port: 0,
      dataDir: join(folder, 'erp'),
      logger: silentLogger,
    })
    t.after(() => sandbox.close())
    const policies = join(folder, 'policies')
    await cp('policies', policies, { recursive: true })
    const erp = join(policies, 'erps/sandbox.yaml')
    const text = await readFile(erp, 'utf8')
    await writeFile(erp, text.replace(/^address: .*$/m, `address: ${sandbox.url}`))
    await control(sandbox, 'faults', { loseResponseRate: 0.3 })

    const start = () =>
      startGatewayProcess({
        POSTERN_SANDBOX_PORT: 'off',
        POSTERN_DATA_DIR: join(folder, 'data'),
        POSTERN_POLICIES: policies,
        ...(engine === 'PostgreSQL' && postgres && { DATABASE_URL: postgres.url }),
      })
    let gateway: GatewayProcess = await start()
    t.after(() => gateway.kill())
    const key = await gateway.keyOf('storefront-web')
    const accepted = new Map<string, string>()

    const send = async (channelOrderId: string, idempotencyKey: string): Promise<void> => {
      const response = await fetch(`${gateway.publicUrl}/orders/v1/orders`, {
        method: 'POST',
        headers: {
          'x-api-key': key,
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
        },
        body: JSON.stringify(orderOf({ channelOrderId, pieces: 1, sku: '100020' })),
      })
      if (response.status !== 202 && response.status !== 200) return
      const { id } = (await response.json()) as { id: string }
      const known = accepted.get(channelOrderId)
      assert.ok(known === undefined || known === id, 'one order got two ids')
      accepted.set(channelOrderId, id)
    }

    const orders = Array.from({ length: ROUNDS * ORDERS_A_ROUND }, (_, n) => ({
      number: `${engine}-${n}`.replaceAll(' ', '-'),
      key: randomUUID(),
    }))
    for (let round = 0; round < ROUNDS; round++) {
      const part = orders.slice(round * ORDERS_A_ROUND, (round + 1) * ORDERS_A_ROUND)
      const sent = part.map(({ number, key }) => send(number, key).catch(() => {}))
      // In the middle: some have been answered, some are under way to the ERP.
      await Promise.race(sent)
      await Promise.allSettled(sent.slice(0, 4 + round * 5))
      await gateway.kill()
      await Promise.allSettled(sent)
      gateway = await start()
    }
    // Whoever did not hear an answer asks again with the same key, until there is one.
    for (const { number, key } of orders) {
      while (!accepted.has(number)) {
        await send(number, key).catch(() => {})
        await new Promise(setImmediate)
      }
    }

    const deadline = performance.now() + 90_000
    const seen = new Map<string, string>()
    while (seen.size < accepted.size) {
      assert.ok(performance.now() < deadline, `${accepted.size - seen.size} were not posted`)
      for (const id of accepted.values()) {
        if (seen.has(id)) continue
        const response = await fetch(`${gateway.publicUrl}/orders/v1/orders/${id}`, {
          headers: { 'x-api-key': key },
        })
        assert.equal(response.status, 200, `${id} was acknowledged and is gone`)
        const order = (await response.json()) as { erpSync: { state: string }[]; lifecycle: string }
        if (order.lifecycle === 'ON_HOLD') seen.set(id, 'HELD')
        else if (order.erpSync[0]?.state === 'CONFIRMED') seen.set(id, 'CONFIRMED')
      }
      await new Promise(resolve => setTimeout(resolve, 250))
    }
    const { items } = (await control(sandbox, 'documents?type=order')) as { items: Document[] }
    const references = items.map(({ reference }) => reference)
    assert.equal(new Set(references).size, references.length, 'the ERP has an order twice')
    const posted = [...accepted.values()].filter(id => seen.get(id) === 'CONFIRMED')
    assert.deepEqual(references.sort(), posted.map(id => id.slice('ord_'.length)).sort())
    assert.equal(accepted.size, orders.length)

    const position = await fetch(`${gateway.publicUrl}/inventory/v2/positions/100020/DC-EAST`, {
      headers: { 'x-api-key': await gateway.keyOf('platform-admin') },
    })
    const { committed } = (await position.json()) as { committed: { value: string } }
    assert.ok(Number(committed.value) <= posted.length)
    await gateway.stop()
  })
}
