import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Identified } from '../../../../src/gateway/exchange.ts'
import { EMPTY, type Reply } from '../../../../src/gateway/reply.ts'
import { authenticate } from '../../../../src/gateway/steps/authenticate.ts'
import { Problem } from '../../../../src/kernel/problems.ts'
import { arrived, PLACE, testPrincipal } from '../../../support/exchanges.ts'
import { TestClock } from '../../../support/test-clock.ts'

const clock = new TestClock()
const reply: Reply = { status: 200, headers: [], body: EMPTY }

function setUp(identify: () => ReturnType<typeof testPrincipal> | Promise<never>) {
  const served: Identified[] = []
  const step = authenticate({ credentials: { identify }, at: PLACE }, exchange => {
    served.push(exchange)
    return reply
  })
  return { served, step }
}

test('who is known goes on without waiting, and the trail says by what', () => {
  const principal = testPrincipal({ credential: 'api-key' })
  const { served, step } = setUp(() => principal)
  const exchange = arrived({ clock })
  assert.equal(step(exchange), reply)
  assert.equal(served[0]?.principal, principal)
  assert.deepEqual(
    exchange.trail.map(v => [v.step, v.decision, v.reason, v.policy]),
    [['authenticate', 'pass', 'identified by API key', 'policies/test.yaml:1']],
  )
})

// Explaining a call for nobody would explain nothing, and running it would be a hole.
test('nobody goes on unidentified, not even to be explained', async () => {
  const problem = new Problem('unauthenticated')
  const refusals = [
    () => {
      throw problem
    },
    () => Promise.reject(problem),
  ]
  for (const identify of refusals) {
    const { served, step } = setUp(identify)
    const exchange = arrived({ clock, stance: 'explain' })
    await assert.rejects(async () => step(exchange), problem)
    assert.equal(exchange.trail[0]?.decision, 'refuse')
    assert.equal(served.length, 0)
  }
})
