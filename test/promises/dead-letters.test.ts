import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { startTestApp, type TestApp } from '../support/app.ts'
import { postern } from '../support/postern.ts'

let app: TestApp
before(async () => {
  app = await startTestApp()
})
after(() => app.close())

type DeadLetter = {
  readonly id: string
  readonly cause: string
  readonly kind: string
  readonly lines: readonly { readonly sourceId: string }[]
}

const dead = async (...args: readonly string[]) => {
  const done = await postern(['dead', ...args, '--url', app.managementUrl])
  assert.notEqual(done.status, 2, done.stderr)
  return done.stdout
}
const listed = async (...args: string[]): Promise<readonly DeadLetter[]> =>
  JSON.parse(await dead('list', '--json', ...args))

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, 'it does not come about')
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

async function move(movementIds: readonly string[]): Promise<void> {
  const recorded = await app.call('/inventory/v2/movements', {
    method: 'POST',
    headers: { 'idempotency-key': randomUUID() },
    body: {
      movements: movementIds.map(movementId => ({
        source: 'wms',
        movementId,
        sku: '100031',
        location: 'DC-EAST',
        delta: { value: '-1', uom: 'EA' },
        kind: 'SHRINK',
        occurredAt: '2026-11-23T12:00:00+01:00',
      })),
    },
  })
  assert.equal(recorded.status, 200)
}

const documents = async (): Promise<number> => {
  const { items } = (await app.control('documents?type=movement')) as { items: unknown[] }
  return items.length
}

test('what an ERP will not have waits for a person: shown, let go one by one, corrected, or all that fit', async () => {
  const ids = [randomUUID(), randomUUID(), randomUUID()]
  // The stock must be known before the ERP refuses everything.
  await app.call('/inventory/v2/positions/100031/DC-EAST')
  await move([randomUUID()])
  await until(async () => (await documents()) === 1)
  await app.control('faults', { errorRate: 1, status: 422 })
  await move(ids)
  // One document of three lines is refused; then each line is, for itself.
  await until(async () => (await listed()).length === 3)
  const letters = await listed('--cause', 'rejected', '--kind', 'movements', '--text', '422')
  assert.deepEqual(
    new Set(letters.flatMap(({ lines }) => lines.map(l => l.sourceId))),
    new Set(ids),
  )
  assert.deepEqual(await listed('--connection', 'elsewhere'), [])

  const metrics = await (await fetch(`${app.managementUrl}/metrics`)).text()
  assert.match(
    metrics,
    /postern_erp_postings\{connection="sandbox",kind="movements",state="DEAD"\} 3/,
  )

  const [first, second] = letters
  assert.ok(first && second)
  const shown = JSON.parse(await dead('show', first.id))
  assert.equal(shown.attempts.length, 1)
  assert.equal(shown.attempts[0].outcome, 'REJECTED')

  await app.control('faults', {})
  const release = (id: string, body: object) =>
    fetch(`${app.managementUrl}/admin/dead-letters/${id}/release`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-operator': 'Ada' },
      body: JSON.stringify(body),
    })
  // What has moved is in our own books too: it is not put right at the ERP alone.
  const wrong = await release(first.id, { reason: 'typo', edit: { lines: { 0: { sku: 'X' } } } })
  assert.equal(wrong.status, 400)
  assert.match(((await wrong.json()) as { message: string }).message, /lines\.0\.sku/)
  assert.equal((await release(first.id, {})).status, 400)
  const edit = JSON.stringify({ lines: { 0: { kind: 'THEFT' } } })
  await dead('release', first.id, '--reason', 'the kind was unknown there', '--edit', edit)
  await until(async () => (await documents()) === 2)
  assert.equal((await release(first.id, { reason: 'again' })).status, 404)

  await dead('release', '--cause', 'rejected', '--reason', 'the ERP takes them again')
  await until(async () => (await documents()) === 4)
  assert.deepEqual(await listed(), [])
})
