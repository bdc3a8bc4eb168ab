import assert from 'node:assert/strict'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type CallOptions, startTestApp, type TestApp } from '../support/app.ts'
import { postern } from '../support/postern.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

type Edits = Readonly<Record<string, (text: string) => string>>

/** Fewer calls for partners, nothing cached for baskets, another channel for the store, v1 retired. */
const CANDIDATE: Edits = {
  'plans.yaml': text =>
    text.replace('rate: { perSecond: 20, burst: 40 }', 'rate: { perSecond: 0.001, burst: 7 }'),
  'apis/inventory.yaml': text =>
    text
      .replace(/(queryAvailability:[\s\S]*?cache: )\*availability/, '$1none')
      .replace('state: deprecated', 'state: retired'),
  'consumers/storefront-web.yaml': text => text.replace('inventory:read, ', ''),
}

const CALLS: readonly (readonly [path: string, options: CallOptions])[] = [
  ...Array.from(
    { length: 12 },
    (_, n) =>
      [
        `/inventory/v2/availability?sku=${100001 + (n % 3)}&channel=b2b`,
        { as: 'partner-acme' },
      ] as const,
  ),
  ...Array.from(
    { length: 4 },
    () =>
      [
        '/inventory/v2/availability/query',
        { as: 'pos-store-12', body: { skus: ['100001', '100002'], locations: ['STORE-12'] } },
      ] as const,
  ),
  ...Array.from(
    { length: 3 },
    () => ['/inventory/v1/stock/100001', { as: 'platform-admin' }] as const,
  ),
  ['/inventory/v2/availability?sku=100001&channel=web', { as: 'storefront-web' }],
  ['/pricing/v1/prices?sku=100001&channel=web', { as: 'storefront-web' }],
  ['/inventory/v2/availability?sku=100001&channel=b2b', { as: 'storefront-web' }],
  ['/inventory/v2/availability?nonsense=1', { as: 'platform-admin' }],
]

async function sendAll(app: TestApp) {
  for (const [path, options] of CALLS) await (await app.call(path, options)).arrayBuffer()
  return app.log.filter(({ msg }) => msg === 'request')
}

type Line = Readonly<Record<string, unknown>> & { consumer?: string; operation?: string }

const isRefused = ({ trail }: Line): boolean =>
  Array.isArray(trail) && trail.some(({ decision }) => decision === 'refuse')
const fromMemory = ({ cache }: Line): boolean => cache === 'hit' || cache === 'stale'

async function candidateFolder(t: TestContext): Promise<string> {
  const directory = join(await temporaryFolder(t), 'policies')
  await cp('policies', directory, { recursive: true })
  for (const [file, edit] of Object.entries(CANDIDATE)) {
    const path = join(directory, file)
    const text = await readFile(path, 'utf8')
    assert.notEqual(edit(text), text, `the edit of ${file} changes something`)
    await writeFile(path, edit(text))
  }
  return directory
}

// What is predicted before a merge must be what happens after it, or nobody will look at it twice.
test('what replay predicts of a log is what the same traffic then meets', async t => {
  const today = await startTestApp()
  const before = await sendAll(today).finally(() => today.close())
  const candidate = await startTestApp({ edit: CANDIDATE })
  const after = await sendAll(candidate).finally(() => candidate.close())

  const folder = await temporaryFolder(t)
  const lines = [...before.map(line => JSON.stringify(line)), 'not a line of a log', '{"msg":"up"}']
  await writeFile(join(folder, 'access.log'), lines.join('\n'))
  await writeFile(join(folder, 'access.log.gz'), gzipSync(lines.join('\n')))
  const policies = await candidateFolder(t)
  const args = ['--policies', policies, '--json']
  const { status, stdout } = await postern(['replay', join(folder, 'access.log'), ...args])
  assert.equal(status, 0)
  const prediction = JSON.parse(stdout)
  assert.equal(prediction.calls, CALLS.length)
  assert.equal(prediction.notReplayed, 1)
  assert.equal(prediction.garbage, 1)

  for (const row of prediction.rows) {
    const of = (all: readonly Line[]) =>
      all.filter(
        line =>
          line.consumer === row.consumer &&
          `${line.api} ${line.version} ${line.operation}` === row.operation &&
          line.code !== 'invalid-request',
      )
    const [was, is] = [of(before), of(after)]
    const pairs = was.map((line, n) => [line, is[n] ?? line] as const)
    const count = (holds: (was: Line, is: Line) => boolean) =>
      pairs.filter(pair => holds(...pair)).length
    const refused = Object.values(row.nowRefused as Record<string, number>).reduce(
      (a, b) => a + b,
      0,
    )
    const passes = (a: Line, b: Line) => !isRefused(a) && !isRefused(b)
    assert.deepEqual(
      {
        consumer: row.consumer,
        refused,
        passing: row.nowPassing,
        slowed: row.nowSlowed,
        cached: row.nowCached,
      },
      {
        consumer: row.consumer,
        refused: count((a, b) => !isRefused(a) && isRefused(b)),
        passing: count((a, b) => isRefused(a) && !isRefused(b)),
        slowed: count((a, b) => passes(a, b) && fromMemory(a) && !fromMemory(b)),
        cached: count((a, b) => passes(a, b) && !fromMemory(a) && fromMemory(b)),
      },
    )
  }
  const words = JSON.stringify(prediction.rows)
  for (const code of ['rate-limited', 'insufficient-scope', 'version-retired']) {
    assert.match(words, new RegExp(code))
  }
  const zipped = await postern([
    'replay',
    join(folder, 'access.log.gz'),
    ...args,
    '--fail-on-refusal',
  ])
  assert.equal(zipped.stdout, stdout)
  assert.equal(zipped.status, 1)
})

test('a log through the policies that it was written under differs in nothing', async t => {
  const app = await startTestApp()
  const lines = await sendAll(app).finally(() => app.close())
  const path = join(await temporaryFolder(t), 'access.log')
  await writeFile(path, lines.map(line => JSON.stringify(line)).join('\n'))
  const { status, stdout } = await postern(['replay', path])
  assert.equal(status, 0)
  assert.match(stdout, /nothing would be decided differently/)
})
