import assert from 'node:assert/strict'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse, stringify } from 'yaml'
import { loadPolicySet } from '../../../src/composition/load-policy-set.ts'
import { findingText } from '../../../src/policy/finding.ts'
import { loadPolicies } from '../../../src/policy/load.ts'
import type { PolicySet } from '../../../src/policy/policy-set.ts'
import { findingsOf, policyFolder, SHOP, shopDeps, swap } from '../../support/policy-folder.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

async function loadSound(directory: string, deps = shopDeps()): Promise<PolicySet> {
  const result = await loadPolicies(directory, deps)
  assert.ok(result.ok, result.findings.map(findingText).join('\n'))
  return result.set
}

// What a new user starts with must not greet them with warnings.
test('the policies that come with Postern have no finding at all', async () => {
  const result = await loadPolicySet({
    directory: 'policies',
    env: {},
    production: false,
    ownIssuer: 'http://127.0.0.1:8080',
    demoHashes: () => undefined,
  })
  assert.deepEqual(result.findings.map(findingText), [])
  assert.ok(result.ok)
  assert.deepEqual([...result.set.consumers.keys()].sort(), [
    'finance-hub',
    'partner-acme',
    'platform-admin',
    'pos-store-12',
    'storefront-web',
  ])
  assert.deepEqual([...result.set.plans.keys()].sort(), [
    'internal',
    'partner',
    'store',
    'storefront',
  ])
})

test('production refuses the policies that come with Postern, for what is known to everybody', async () => {
  const { ok, findings } = await loadPolicySet({
    directory: 'policies',
    env: {},
    production: true,
    ownIssuer: 'https://api.retail.example',
    demoHashes: () => undefined,
  })
  assert.equal(ok, false)
  assert.deepEqual([...new Set(findings.map(({ rule }) => rule))].sort(), [
    'default-secret',
    'demo-in-production',
  ])
})

test('production counts answers that break the contract, development refuses them', async t => {
  const directory = await policyFolder(t, { 'consumers/web.yaml': undefined })
  const production = await loadSound(directory, shopDeps({ production: true }))
  assert.equal(production.gateway.responseValidation, 'detect')
  assert.equal((await loadSound(directory)).gateway.responseValidation, 'enforce')
})

test('nothing in a set can be changed', async () => {
  const set = await loadSound(`${SHOP}/policies`)
  const frozen = (value: unknown, path: string): void => {
    if (value === null || typeof value !== 'object') return
    assert.ok(Object.isFrozen(value), `${path} is not frozen`)
    const members = value instanceof Map ? [...value] : Object.entries(value)
    for (const [key, member] of members) frozen(member, `${path}.${String(key)}`)
  }
  frozen(set, 'set')
})

test('the revision is of the contents: the same wherever the folder lies, another for any edit', async t => {
  const { revision } = await loadSound(`${SHOP}/policies`)
  const copy = join(await temporaryFolder(t), 'elsewhere')
  cpSync(`${SHOP}/policies`, copy, { recursive: true })
  assert.equal((await loadSound(copy)).revision, revision)
  const edited = await policyFolder(t, { 'plans.yaml': text => `${text}# a remark\n` })
  assert.notEqual((await loadSound(edited)).revision, revision)
})

test('findings are named after the folder, a trailing slash or not', async t => {
  const directory = join(await temporaryFolder(t), 'rules')
  cpSync(`${SHOP}/policies`, directory, { recursive: true })
  const { findings } = await loadPolicies(`${directory}/`, shopDeps({ production: true }))
  assert.match(findings.map(findingText)[0] ?? '', /^rules\/consumers\/web\.yaml:8:14 error/)
})

test('a connection takes from the environment what it is told to, and defaults otherwise', async () => {
  const env = { ERP_ONE_PASSWORD: 's3cret', ERP_ONE_URL: 'https://erp.shop.example/base/' }
  const given = await loadSound(`${SHOP}/policies`, shopDeps({ env }))
  assert.equal(given.connections.get('erp-one')?.address, 'https://erp.shop.example/base')
  assert.equal(given.connections.get('erp-one')?.credentials.password, 's3cret')
  const fallen = await loadSound(`${SHOP}/policies`)
  assert.equal(fallen.connections.get('erp-one')?.address, 'http://127.0.0.1:9999')
})

test('an environment that is wrong is told without what it says', async t => {
  const found = await findingsOf(t, {}, { env: { ERP_ONE_PASSWORD: 'x', ERP_ONE_URL: 's3cret' } })
  assert.deepEqual(found, [
    'policies/erps/erp-one.yaml:3:10 error wrong-value: address must be where the ERP is, https://…',
  ])
})

test("a demo consumer's credentials are those of the data folder", async () => {
  const web = (await loadSound(`${SHOP}/policies`)).consumers.get('web')
  assert.equal(web?.demo, true)
  assert.equal(web?.apiKeyHashes[0]?.hash, 'sha256:key-web')
})

test('dates and instants are read as such', async t => {
  const directory = await policyFolder(t, {
    'apis/shop.yaml': swap('2027-06-30T22:00:00Z', "'2027-07-01T00:00:00+02:00'"),
  })
  const { lifecycle } = (await loadSound(directory)).apis.get('shop')?.versions.get('v1') ?? {}
  assert.equal(lifecycle?.deprecatedAt, Date.parse('2026-10-01T00:00:00Z'))
  assert.equal(lifecycle?.sunsetAt, Date.parse('2027-06-30T22:00:00Z'))
})

/** fast-check makes records without a prototype. */
const plainly = <T>(value: T): T => structuredClone(value)

const limit = <T>(form: fc.Arbitrary<T>) => fc.oneof(form, fc.constant('none' as const))
const plan = fc.record({
  rate: limit(
    fc.record({
      perSecond: fc.integer({ min: 1, max: 1_000_000 }),
      burst: fc.integer({ min: 5, max: 10_000_000 }),
    }),
  ),
  quota: limit(
    fc.record({
      units: fc.integer({ min: 5, max: 1_000_000_000 }),
      per: fc.constantFrom('hour', 'day', 'week', 'month'),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York'),
    }),
  ),
  concurrency: limit(fc.record({ max: fc.integer({ min: 1, max: 100_000 }) })),
  workClass: fc.constantFrom('till', 'browse'),
  allowNoCache: fc.boolean(),
})

test('whatever plans are written, in whatever style, come out as they were written', async t => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), plan, { maxKeys: 5 }),
      fc.record({
        flow: fc.boolean(),
        quoted: fc.boolean(),
        indent: fc.integer({ min: 1, max: 8 }),
      }),
      async (plans, { flow, quoted, indent }) => {
        const gold = parse('{ rate: none, quota: none, concurrency: none }')
        const all: Record<string, unknown> = {
          ...plans,
          gold: { ...gold, workClass: 'till', allowNoCache: false },
          open: { ...gold, workClass: 'till', allowNoCache: false },
        }
        const text = stringify(
          { plans: all },
          {
            collectionStyle: flow ? 'flow' : 'block',
            defaultStringType: quoted ? 'QUOTE_DOUBLE' : 'PLAIN',
            indent,
          },
        )
        const set = await loadSound(await policyFolder(t, { 'plans.yaml': text }))
        assert.deepEqual([...set.plans.keys()], Object.keys(all))
        for (const [id, written] of Object.entries(plans)) {
          if (id === 'gold' || id === 'open') continue
          const { limits, workClass, allowNoCache } = set.plans.get(id) ?? {}
          assert.deepEqual(limits?.rate ?? 'none', plainly(written.rate))
          assert.deepEqual(limits?.concurrency ?? 'none', plainly(written.concurrency))
          assert.equal(
            limits?.quota?.units ?? 'none',
            written.quota === 'none' ? 'none' : written.quota.units,
          )
          assert.deepEqual(
            { workClass, allowNoCache },
            {
              workClass: written.workClass,
              allowNoCache: written.allowNoCache,
            },
          )
        }
      },
    ),
    { numRuns: 25 },
  )
})

// An editor saves half a file, a merge leaves markers: never a crash, always a place.
test('a file that is cut or garbled anywhere gets a finding or a set, never an exception', async t => {
  const names = [
    'apis/shop.yaml',
    'plans.yaml',
    'gateway.yaml',
    'erps/erp-one.yaml',
    'consumers/till.yaml',
  ]
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.oneof(
        fc.constant(''),
        fc.string({ maxLength: 8 }),
        fc.constantFrom('\n<<<<<<< HEAD\n', '{', '"', '- ', '\t', '&a ', '*a'),
      ),
      fc.boolean(),
      async (name, share, insert, cut) => {
        const text = readFileSync(join(SHOP, 'policies', name), 'utf8')
        const at = Math.floor(share * text.length)
        const garbled = text.slice(0, at) + insert + (cut ? '' : text.slice(at))
        const result = await loadPolicies(await policyFolder(t, { [name]: garbled }), shopDeps())
        assert.equal(result.ok, !result.findings.some(({ severity }) => severity === 'error'))
        for (const { place } of result.findings) assert.ok(place.line >= 1 && place.column >= 1)
      },
    ),
    { numRuns: 60 },
  )
})
