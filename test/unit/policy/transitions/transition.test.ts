import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { loadPolicies } from '../../../../src/policy/load.ts'
import type { Use } from '../../../../src/policy/transitions/context.ts'
import { refuseTransition } from '../../../../src/policy/transitions/transition.ts'
import { policyFolder, shopDeps, swap } from '../../../support/policy-folder.ts'

const NOW = Date.parse('2026-11-27T12:00:00Z')
const FROZEN = 'freezes: [{ from: 2026-11-26, to: 2026-12-01, why: the week of the sale }]\n'
const frozen = { 'gateway.yaml': (text: string) => text + FROZEN }

async function setOf(t: TestContext, edits: Parameters<typeof policyFolder>[1] = {}) {
  const result = await loadPolicies(await policyFolder(t, edits), shopDeps())
  assert.ok(result.ok, JSON.stringify(result.findings))
  return result.set
}

const rulesOf = (refusal: ReturnType<typeof refuseTransition>) =>
  refusal?.findings.map(({ rule }) => rule)

test('in a freeze an edit waits, and is told until when', async t => {
  const before = await setOf(t, frozen)
  const edits = { ...frozen, 'plans.yaml': swap('burst: 200', 'burst: 300') }
  const refusal = refuseTransition(before, await setOf(t, edits), { now: NOW, usage: [] })
  assert.deepEqual(rulesOf(refusal), ['policies-frozen'])
  assert.equal(refusal?.until, Date.parse('2026-12-01T00:00:00Z'))
  const later = { now: Date.parse('2026-12-01T00:00:00Z'), usage: [] }
  assert.equal(refuseTransition(before, await setOf(t, edits), later), undefined)
})

test('an edit cannot lift the freeze that it meets', async t => {
  const refusal = refuseTransition(await setOf(t, frozen), await setOf(t), { now: NOW, usage: [] })
  assert.deepEqual(rulesOf(refusal), ['policies-frozen'])
})

test('a forced edit says who and why, for a time', async t => {
  const before = await setOf(t, frozen)
  const forced = (until: string) => ({
    'plans.yaml': swap('burst: 200', 'burst: 300'),
    'gateway.yaml': (text: string) =>
      `${text}${FROZEN}freezeOverride: { by: Ada, reason: tills are refused at the door, until: ${until} }\n`,
  })
  const context = { now: NOW, usage: [] }
  assert.equal(refuseTransition(before, await setOf(t, forced('2026-11-28')), context), undefined)
  const lapsed = refuseTransition(before, await setOf(t, forced('2026-11-27')), context)
  assert.deepEqual(rulesOf(lapsed), ['policies-frozen'])
})

// A stolen key is not kept alive for a freeze.
test('a credential is revoked in a freeze too', async t => {
  const revoked = {
    ...frozen,
    'consumers/till.yaml': (text: string) => text.replace(/ {2}apiKeys:[\s\S]*/, ''),
  }
  const context = { now: NOW, usage: [] }
  assert.equal(
    refuseTransition(await setOf(t, frozen), await setOf(t, revoked), context),
    undefined,
  )
})

test('a version does not go while somebody on a paid plan calls it', async t => {
  const paid = { 'plans.yaml': swap('workClass: till', 'workClass: till\n    paid: true') }
  const before = await setOf(t, paid)
  const usage: Use[] = [{ api: 'shop', version: 'v1', consumer: 'till', calls: 7 }]
  for (const goes of [
    swap('state: deprecated', 'state: retired'),
    swap('sunsetAt: 2027-06-30T22:00:00Z', 'sunsetAt: 2026-11-27'),
  ]) {
    const after = await setOf(t, { ...paid, 'apis/shop.yaml': goes })
    const refusal = refuseTransition(before, after, { now: NOW, usage })
    assert.deepEqual(rulesOf(refusal), ['retired-while-used'])
    assert.match(refusal?.findings[0]?.message ?? '', /till \(7 calls\)/)
    assert.equal(refuseTransition(before, after, { now: NOW, usage: [] }), undefined)
    const free = usage.map(use => ({ ...use, consumer: 'web' }))
    assert.equal(refuseTransition(before, after, { now: NOW, usage: free }), undefined)
  }
})
