import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Rank } from '../../../../src/policy/diff/change.ts'
import { diffPolicies } from '../../../../src/policy/diff/diff.ts'
import { type LoadDeps, loadPolicies } from '../../../../src/policy/load.ts'
import type { PolicySet } from '../../../../src/policy/policy-set.ts'
import { policyFolder, shopDeps, swap } from '../../../support/policy-folder.ts'

type Edits = Parameters<typeof policyFolder>[1]

const API = 'apis/shop.yaml'
const PLANS = 'plans.yaml'
const TILL = 'consumers/till.yaml'
const WEB = 'consumers/web.yaml'

/** An edit of the shop's policies; what it must be called, and whom it concerns. */
const SEEDED: readonly (readonly [
  name: string,
  edits: NonNullable<Edits>,
  rank: Rank,
  rule: string,
  subject: string,
  concerns: readonly string[],
])[] = [
  [
    'a limit lowered',
    { [PLANS]: swap('perSecond: 100', 'perSecond: 50') },
    'risky',
    'limit-lowered',
    'plan gold',
    ['till'],
  ],
  [
    'a limit raised',
    { [PLANS]: swap('burst: 200', 'burst: 400') },
    'safe',
    'limit-raised',
    'plan gold',
    ['till'],
  ],
  [
    'a limit where there was none',
    { [PLANS]: swap('rate: none', 'rate: { perSecond: 5, burst: 5 }') },
    'risky',
    'limit-lowered',
    'plan open',
    ['web'],
  ],
  [
    'a quota lowered',
    { [PLANS]: swap('units: 100000', 'units: 10') },
    'risky',
    'limit-lowered',
    'plan gold',
    ['till'],
  ],
  [
    'a trading day moved',
    { [PLANS]: swap("'04:00'", "'00:00'") },
    'risky',
    'quota-period-changed',
    'plan gold',
    ['till'],
  ],
  [
    'a concurrency lifted',
    { [PLANS]: swap('concurrency: { max: 10 }', 'concurrency: none') },
    'safe',
    'limit-raised',
    'plan gold',
    ['till'],
  ],
  [
    'a plan put in shadow',
    { [PLANS]: swap('workClass: till', 'workClass: till\n    mode: shadow') },
    'risky',
    'enforced-less',
    'plan gold',
    ['till'],
  ],
  [
    'a read-through taken away',
    { [PLANS]: swap('allowNoCache: true', 'allowNoCache: false') },
    'risky',
    'read-through-changed',
    'plan gold',
    ['till'],
  ],
  [
    'a cost raised',
    { [API]: swap('base: 5', 'base: 9') },
    'risky',
    'cost-raised',
    'shop v2 makeThing',
    ['till'],
  ],
  [
    'a cache lengthened',
    { [API]: swap('ttlSeconds: 10', 'ttlSeconds: 15') },
    'risky',
    'cache-lengthened',
    'shop v2 findThings',
    ['till', 'web'],
  ],
  [
    'a cache shortened',
    { [API]: swap('ttlSeconds: 10', 'ttlSeconds: 7') },
    'safe',
    'cache-shortened',
    'shop v2 findThings',
    ['till', 'web'],
  ],
  [
    'a cache taken away',
    { [API]: swap('cache: *short', 'cache: none') },
    'risky',
    'cache-removed',
    'shop v2 queryThings',
    ['till', 'web'],
  ],
  [
    'answers shared by more',
    { [API]: swap("[regions, 'scope:shop:exact']", '[regions]') },
    'risky',
    'cache-shared',
    'shop v2 findThings',
    ['till', 'web'],
  ],
  [
    'a time-out lowered',
    { [API]: swap('timeoutMs: 5000', 'timeoutMs: 2000') },
    'risky',
    'timeout-lowered',
    'shop v2 makeThing',
    ['till'],
  ],
  [
    'a body limit lowered',
    { [API]: swap('32768', '2048') },
    'breaking',
    'body-limit-lowered',
    'shop v2 makeThing',
    ['till'],
  ],
  [
    'shadow mode ended',
    { [API]: swap('mode: shadow', 'mode: enforce') },
    'risky',
    'enforced-more',
    'shop v1 getThing',
    ['till', 'web'],
  ],
  [
    'a roll-out begun',
    { [API]: swap('mode: shadow', 'mode: { enforcePercent: 10 }') },
    'risky',
    'enforced-more',
    'shop v1 getThing',
    ['till', 'web'],
  ],
  [
    'a sunset moved nearer',
    { [API]: swap('2027-06-30T22', '2027-05-30T22') },
    'breaking',
    'sunset-nearer',
    'shop v1',
    ['till', 'web'],
  ],
  [
    'a sunset put off',
    { [API]: swap('2027-06-30T22', '2027-08-30T22') },
    'safe',
    'sunset-later',
    'shop v1',
    ['till', 'web'],
  ],
  [
    'a version retired',
    { [API]: swap('state: deprecated', 'state: retired') },
    'breaking',
    'lifecycle-changed',
    'shop v1',
    ['till', 'web'],
  ],
  [
    'brown-outs planned',
    {
      [API]: swap(
        'successor: v2',
        'successor: v2\n      brownOuts: [{ from: 2027-06-01, to: 2027-06-02 }]',
      ),
    },
    'risky',
    'brown-outs-changed',
    'shop v1',
    ['till', 'web'],
  ],
  [
    'a scope withdrawn',
    { [TILL]: swap(', shop:exact', '') },
    'breaking',
    'scope-withdrawn',
    'consumer till',
    ['till'],
  ],
  [
    'a region granted',
    { [WEB]: swap('[north]', '[north, south]') },
    'safe',
    'region-granted',
    'consumer web',
    ['web'],
  ],
  [
    'a plan changed',
    { [WEB]: swap('plan: open', 'plan: gold') },
    'risky',
    'limit-lowered',
    'consumer web',
    ['web'],
  ],
  [
    'a key revoked',
    {
      [TILL]: swap(
        '  apiKeys:\n    - hash: sha256:2222222222222222222222222222222222222222222222222222222222222222\n',
        '',
      ),
    },
    'breaking',
    'credential-revoked',
    'consumer till',
    ['till'],
  ],
  [
    'a secret that ends sooner',
    { [TILL]: swap('2027-01-31', '2026-12-31') },
    'risky',
    'credential-expiry-changed',
    'consumer till',
    ['till'],
  ],
  [
    'a consumer removed',
    { [WEB]: undefined },
    'breaking',
    'consumer-removed',
    'consumer web',
    ['web'],
  ],
  [
    'a currency removed',
    { 'channels.yaml': swap('[EUR, USD]', '[EUR]') },
    'breaking',
    'currency-removed',
    'channel web',
    ['till', 'web'],
  ],
  [
    'a buffer raised',
    { 'channels.yaml': swap('bufferUnits: 1', 'bufferUnits: 2') },
    'risky',
    'channel-changed',
    'channel web',
    ['till', 'web'],
  ],
  [
    'a location moved to another region',
    {
      'locations.yaml': swap('region: north', 'region: south'),
      [WEB]: swap('[north]', '[south]'),
      [TILL]: swap('[north, south]', '[south]'),
    },
    'breaking',
    'location-moved',
    'location DC-1',
    ['till', 'web'],
  ],
  [
    'an ERP protected differently',
    { 'erps/erp-one.yaml': swap('maxQueue: 20', 'maxQueue: 10') },
    'risky',
    'connection-changed',
    'connection erp-one',
    [],
  ],
  [
    'an issuer removed',
    { 'gateway.yaml': text => text.replace(/tokenIssuers:[\s\S]*ES256\]/, 'tokenIssuers: []') },
    'breaking',
    'issuer-removed',
    'gateway',
    ['till', 'web'],
  ],
  [
    'an audience changed',
    {
      'gateway.yaml': swap(
        'audience: https://api.shop.example\n  access',
        'audience: https://x.example\n  access',
      ),
    },
    'breaking',
    'audience-changed',
    'gateway',
    ['till', 'web'],
  ],
]

async function setOf(
  t: TestContext,
  edits: Edits = {},
  deps: Partial<LoadDeps> = {},
): Promise<PolicySet> {
  const result = await loadPolicies(await policyFolder(t, edits), shopDeps(deps))
  assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.findings))
  return result.set
}

for (const [name, edits, rank, rule, subject, concerns] of SEEDED) {
  test(`${name} is ${rank}, and says whom it concerns`, async t => {
    const changes = diffPolicies(await setOf(t), await setOf(t, edits))
    const found = changes.find(change => change.rule === rule && change.subject === subject)
    assert.ok(found, `found only ${changes.map(c => `${c.rule} of ${c.subject}`).join(', ')}`)
    assert.equal(found.rank, rank)
    assert.deepEqual([...found.concerns].sort(), concerns)
  })
}

test('an edit of comments and order changes nothing', async t => {
  const reordered = await setOf(t, { [WEB]: text => text.split('\n').reverse().join('\n# why\n') })
  assert.deepEqual(diffPolicies(await setOf(t), reordered), [])
})

test('there and back: what is added one way is removed the other', async t => {
  const [one, other] = [await setOf(t), await setOf(t, { [WEB]: undefined })]
  assert.deepEqual(
    diffPolicies(other, one).map(({ rank, rule }) => [rank, rule]),
    [['safe', 'consumer-added']],
  )
})

test('a scope that an operation asks for as well shuts out who has it not', async t => {
  const contracts = shopDeps().contracts.map(contract => ({
    ...contract,
    operations: new Map(
      [...contract.operations].map(([id, operation]) => [
        id,
        {
          ...operation,
          scopes: id === 'findThings' ? ['shop:read', 'shop:exact'] : operation.scopes,
        },
      ]),
    ),
  }))
  const scopes = (list: string) =>
    swap(
      'scopes: [shop:read]\n        cost: { base: 1, ',
      `scopes: ${list}\n        cost: { base: 1, `,
    )
  const stricter = await setOf(t, { [API]: scopes('[shop:read, shop:exact]') }, { contracts })
  const [change] = diffPolicies(await setOf(t), stricter)
  assert.equal(change?.rule, 'scope-added')
  assert.equal(change.rank, 'breaking')
  assert.deepEqual(change.concerns, ['web'])
  assert.equal(diffPolicies(stricter, await setOf(t))[0]?.rule, 'scope-removed')
})
