import assert from 'node:assert/strict'
import { cp, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import type { VersionReport } from '../../src/composition/lifecycle-report.ts'
import type { AuditRecord } from '../../src/model/audit.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { postern } from '../support/postern.ts'

let app: TestApp
beforeEach(async () => {
  app = await startTestApp()
})
afterEach(() => app.close())

const path = '/inventory/v2/availability?sku=100001&channel=web'

/** Waits for something to become true, looking at the running gateway and at nothing else. */
async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, what)
    await new Promise(setImmediate)
  }
}

async function edit(file: string, change: (text: string) => string): Promise<void> {
  const full = join(app.policiesDir, file)
  const text = await readFile(full, 'utf8')
  const changed = change(text)
  assert.notEqual(changed, text, 'the edit changes something')
  // As editors save: a new file in the old one's place.
  await writeFile(`${full}.new~`, changed)
  await rename(`${full}.new~`, full)
}

const applied = (before: string) =>
  until('the edit takes effect', () => app.policies().revision !== before)
const rejected = () => until('the edit is rejected', () => app.policies().rejected !== undefined)

test('every answer during a run of edits is by one set or the other, and none fails', async () => {
  const burst = (n: number) => (text: string) =>
    text.replace(/(storefront:\n\s+rate: \{ perSecond: 5000, burst: )\d+/, `$1${n}`)
  const seen = new Set<string>()
  const statuses = new Set<number>()
  let going = true
  const load = Array.from({ length: 4 }, async () => {
    while (going) {
      const response = await app.call(path, { as: 'storefront-web' })
      statuses.add(response.status)
      seen.add(/"rate";q=(\d+)/.exec(response.headers.get('ratelimit-policy') ?? '')?.[1] ?? 'none')
      await response.arrayBuffer()
    }
  })
  const values: string[] = ['10000']
  for (let i = 1; i <= 10; i++) {
    const { revision } = app.policies()
    values.push(String(10_000 + i))
    await edit('plans.yaml', burst(10_000 + i))
    await applied(revision)
  }
  going = false
  await Promise.all(load)
  assert.deepEqual([...statuses], [200])
  assert.deepEqual(
    [...seen].filter(value => !values.includes(value)),
    [],
  )
  assert.ok(seen.has('10010'), 'the last edit governs')
})

test('a broken edit changes nothing, and says where it is broken, everywhere an operator looks', async () => {
  const { revision } = app.policies()
  await edit('plans.yaml', text => text.replace('burst: 40', 'burts: 40'))
  await rejected()
  assert.equal(app.policies().revision, revision)
  assert.equal((await app.call(path)).status, 200)
  const ready = await fetch(`${app.managementUrl}/readyz`)
  assert.equal(ready.status, 200)
  assert.match(await ready.text(), /did you mean \\"burst\\"/)
  const admin = (await (await fetch(`${app.managementUrl}/admin/policies`)).json()) as {
    rejected: { findings: { place: { file: string; line: number } }[] }
  }
  assert.equal(admin.rejected.findings[0]?.place.file, 'policies/plans.yaml')
  assert.deepEqual(await app.metric('postern_policy_rejected '), ['postern_policy_rejected 1'])
  assert.ok(app.log.some(line => line.level === 'error' && JSON.stringify(line).includes('burts')))

  await edit('plans.yaml', text => text.replace('burts: 40', 'burst: 40'))
  await until('mending it clears the error', () => app.policies().rejected === undefined)
  assert.equal(app.policies().revision, revision)
})

test('what an edit does not touch lives on: cached answers, spent limits, verified tokens', async () => {
  const token = await app.tokenOf('partner-acme')
  const headers = { authorization: `Bearer ${token}` }
  const asPartner = () => fetch(app.publicUrl + path.replace('web', 'b2b'), { headers })
  await asPartner()
  const left = (response: Response) =>
    Number(/"day";r=(\d+)/.exec(response.headers.get('ratelimit') ?? '')?.[1])
  const before = left(await asPartner())
  await app.control('reset', { counters: true })
  const { revision } = app.policies()
  await edit('consumers/finance-hub.yaml', text =>
    text.replace('name: Finance hub', 'name: Finance'),
  )
  await applied(revision)
  const after = await asPartner()
  assert.match(after.headers.get('cache-status') ?? '', /hit/)
  assert.equal(left(after), before - 1)
  const { byCall } = (await app.control('calls')) as { byCall: Record<string, number> }
  assert.equal(byCall['stock.read'], undefined)
})

test('an answer that the new set would make otherwise is not served from before it', async () => {
  const held = (await (await app.call(path)).json()) as { items: { availability: string }[] }
  assert.equal(held.items[0]?.availability, 'InStock')
  const { revision } = app.policies()
  await edit('channels.yaml', text => text.replace('lowStockUnits: 5', 'lowStockUnits: 900000'))
  await applied(revision)
  const fresh = (await (await app.call(path)).json()) as typeof held
  assert.equal(fresh.items[0]?.availability, 'LimitedAvailability')
})

test('a consumer that is taken out is out, its verified token with it', async () => {
  const headers = { authorization: `Bearer ${await app.tokenOf('partner-acme')}` }
  const ask = () => fetch(`${app.publicUrl}/inventory/v2/availability?sku=100001`, { headers })
  assert.equal((await ask()).status, 200)
  const { revision } = app.policies()
  await rm(join(app.policiesDir, 'consumers/partner-acme.yaml'))
  await applied(revision)
  assert.equal((await ask()).status, 401)
})

test("a config map's atomic swap of symbolic links is one edit", async () => {
  const mount = join(app.policiesDir, '..', 'mounted')
  const version = async (name: string, change: (text: string) => string) => {
    await cp(app.policiesDir, join(mount, name), { recursive: true })
    const file = join(mount, name, 'plans.yaml')
    await writeFile(file, change(await readFile(file, 'utf8')))
  }
  await mkdir(mount)
  await version('..one', text => text)
  await version('..two', text => text.replace('burst: 40', 'burst: 44'))
  await symlink('..one', join(mount, 'policies'))
  const mounted = await startTestApp({ env: { POSTERN_POLICIES: join(mount, 'policies') } })
  try {
    const { revision } = mounted.policies()
    await symlink('..two', join(mount, '..new'))
    await rename(join(mount, '..new'), join(mount, 'policies'))
    await until('the swap takes effect', () => mounted.policies().revision !== revision)
    const response = await mounted.call(path.replace('web', 'b2b'), { as: 'partner-acme' })
    assert.match(response.headers.get('ratelimit-policy') ?? '', /"rate";q=44/)
  } finally {
    await mounted.close()
  }
})

const audit = async () => {
  const response = await fetch(`${app.managementUrl}/admin/audit?limit=1000`)
  const { records } = (await response.json()) as { records: AuditRecord[] }
  return records
}

// A sale's week: whoever edits in it must say so, and the record must say who did.
test('in a freeze an edit is refused, a forced one takes effect, and the audit trail tells both', async () => {
  const start = app.policies().revision
  const day = 86_400_000
  const [from, to] = [new Date(Date.now() - day), new Date(Date.now() + day)].map(at =>
    at.toISOString(),
  )
  await edit('gateway.yaml', text => `${text}freezes: [{ from: '${from}', to: '${to}' }]\n`)
  await applied(start)
  const { revision } = app.policies()

  await edit('plans.yaml', text => text.replace('burst: 40', 'burst: 50'))
  await rejected()
  assert.equal(app.policies().revision, revision)
  assert.equal(app.policies().rejected?.findings[0]?.rule, 'policies-frozen')

  await edit(
    'gateway.yaml',
    text =>
      `${text}freezeOverride: { by: Ada Lovelace, reason: partners are refused, until: '${to}' }\n`,
  )
  await applied(revision)
  await until('all is recorded', async () =>
    (await audit()).some(
      ({ action, who }) => action === 'policies.applied' && who === 'Ada Lovelace',
    ),
  )
  const records = await audit()
  assert.deepEqual(
    records.map(({ action }) => action),
    ['policies.started', 'policies.applied', 'policies.rejected', 'policies.applied'],
  )
  const forced = records.at(-1)
  assert.equal(forced?.from, revision)
  assert.equal(forced?.to, app.policies().revision)
  assert.equal(forced?.detail.forced, 'partners are refused')
  assert.match(
    JSON.stringify(forced?.detail.changes),
    /plan partner: rate\.burst was 40, is now 50/,
  )

  const { status, stdout } = await postern(['audit', 'verify', '--url', app.managementUrl])
  assert.equal(status, 0)
  assert.match(stdout, new RegExp(`^4 records, whole; note down the head: 4:${forced?.hash}`))
})

test('a deed on the management listener is recorded, a refused one too', async () => {
  await fetch(`${app.managementUrl}/admin/nothing`, {
    method: 'POST',
    headers: { 'x-operator': 'Grace Hopper' },
  })
  await until('it is recorded', async () => (await audit()).length === 2)
  const record = (await audit()).at(-1)
  assert.deepEqual(
    [record?.action, record?.who, record?.subject, record?.detail.status],
    ['admin.POST', 'Grace Hopper', '/admin/nothing', 404],
  )
  const bad = await fetch(`${app.managementUrl}/admin/audit?limit=lots`)
  assert.equal(bad.status, 400)
})

test('who still calls a deprecated version is known', async () => {
  for (let n = 0; n < 3; n++) await app.call('/inventory/v1/stock/100001', { as: 'platform-admin' })
  const response = await fetch(`${app.managementUrl}/admin/lifecycle`)
  const { versions } = (await response.json()) as { versions: VersionReport[] }
  assert.deepEqual(
    versions.map(({ api, version, state }) => [api, version, state]),
    [['inventory', 'v1', 'deprecated']],
  )
  assert.deepEqual(
    versions[0]?.callers.map(({ consumer, operation, calls }) => [consumer, operation, calls]),
    [['platform-admin', 'getStock', 3]],
  )
})
