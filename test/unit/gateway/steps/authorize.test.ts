import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EMPTY, type Reply } from '../../../../src/gateway/reply.ts'
import { authorize } from '../../../../src/gateway/steps/authorize.ts'
import { Problem } from '../../../../src/kernel/problems.ts'
import { allowed, PLACE, testPrincipal } from '../../../support/exchanges.ts'
import { TestClock } from '../../../support/test-clock.ts'

const reply: Reply = { status: 200, headers: [], body: EMPTY }
const clock = new TestClock()

function call(
  held: readonly string[],
  options: { mode?: 'enforce' | 'shadow'; stance?: 'enforce' | 'explain' } = {},
) {
  const scopes = { at: PLACE, all: ['inventory:read', 'inventory:quantity'] }
  const issuer = 'https://api.shop.example'
  const step = authorize({ scopes, mode: options.mode ?? 'enforce', issuer }, () => reply)
  const principal = testPrincipal({ scopes: new Set(held) })
  const exchange = allowed({ clock, principal, ...(options.stance && { stance: options.stance }) })
  return { run: () => step(exchange), trail: exchange.trail }
}

test('whoever has every scope goes on', () => {
  const { run, trail } = call(['inventory:quantity', 'inventory:read', 'orders:read'])
  assert.equal(run(), reply)
  assert.deepEqual(
    trail.map(v => [v.step, v.decision]),
    [['authorize', 'pass']],
  )
})

test('a refusal names what is missing, and the challenge all that is needed', () => {
  const { run, trail } = call(['inventory:read'])
  assert.throws(run, error => {
    assert.ok(error instanceof Problem)
    assert.equal(error.code, 'insufficient-scope')
    assert.deepEqual(error.options.extensions, { missingScopes: ['inventory:quantity'] })
    assert.equal(
      error.options.headers?.['WWW-Authenticate'],
      'Bearer realm="postern", error="insufficient_scope", scope="inventory:read inventory:quantity", ' +
        'resource_metadata="https://api.shop.example/.well-known/oauth-protected-resource"',
    )
    return true
  })
  assert.equal(trail[0]?.decision, 'refuse')
})

test('one scope is not taken for another that it begins with', () => {
  assert.throws(call(['inventory:read:all', 'inventory:quantity']).run, Problem)
})

test('in shadow mode, or to be explained, a call goes on and the trail says what would have been', () => {
  const shadow = call([], { mode: 'shadow' })
  assert.equal(shadow.run(), reply)
  assert.deepEqual(
    shadow.trail.map(v => v.decision),
    ['would-refuse'],
  )
  const explained = call([], { stance: 'explain' })
  assert.equal(explained.run(), reply)
  assert.deepEqual(
    explained.trail.map(v => v.decision),
    ['refuse'],
  )
})
