import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EMPTY, type Reply } from '../../../../src/gateway/reply.ts'
import { lifecycle } from '../../../../src/gateway/steps/lifecycle.ts'
import { Problem } from '../../../../src/kernel/problems.ts'
import type { LifecyclePolicy, Mode } from '../../../../src/policy/policy-set.ts'
import { allowed, headerOf, PLACE } from '../../../support/exchanges.ts'
import { TestClock } from '../../../support/test-clock.ts'

const OK: Reply = { status: 200, headers: [], body: EMPTY }
const SUNSET = Date.parse('2026-12-01T00:00:00Z')

function governed(overrides: Partial<LifecyclePolicy>, mode: Mode = 'enforce') {
  const clock = new TestClock()
  const policy: LifecyclePolicy = {
    at: PLACE,
    state: 'deprecated',
    deprecatedAt: Date.parse('2026-10-01T00:00:00Z'),
    sunsetAt: SUNSET,
    brownOuts: [],
    previewFor: new Set(),
    successor: 'v2',
    migrationGuide: undefined,
    ...overrides,
  }
  const step = lifecycle(
    { policy, mode, successorPath: '/inventory/v2', clock, countDeprecated: () => {} },
    () => OK,
  )
  return { clock, call: () => ({ exchange: allowed({ clock }), step }) }
}

const problemOf = ({ exchange, step }: ReturnType<ReturnType<typeof governed>['call']>) => {
  try {
    step(exchange)
    return undefined
  } catch (error) {
    assert.ok(error instanceof Problem)
    return error
  }
}

// Those who do not read notices notice a brown-out; it must end by itself, and say when.
test('a brown-out refuses for its time only, and says when it ends', async () => {
  const from = Date.parse('2026-11-23T12:10:00Z')
  const { clock, call } = governed({ brownOuts: [{ kind: 'once', from, to: from + 900_000 }] })
  assert.equal(problemOf(call()), undefined)
  await clock.advance(600_000)
  const refused = problemOf(call())
  assert.equal(refused?.code, 'version-brown-out')
  assert.equal(refused.options.retryAfterSeconds, 900)
  assert.equal(refused.options.extensions?.successor, '/inventory/v2')
  await clock.advance(900_000)
  assert.equal(problemOf(call()), undefined)
})

test('in shadow mode a brown-out is only noted', () => {
  const { call } = governed({ brownOuts: [{ kind: 'once', from: 0, to: SUNSET }] }, 'shadow')
  const made = call()
  assert.equal(problemOf(made), undefined)
  assert.equal(made.exchange.trail[0]?.decision, 'would-refuse')
  assert.ok(headerOf(made.exchange.replyHeaders, 'Sunset'))
})

test('a draft is there for those who were asked to try it, and for nobody else', () => {
  const hidden = governed({ state: 'draft', sunsetAt: undefined })
  assert.equal(problemOf(hidden.call())?.code, 'not-found')
  const open = governed({ state: 'draft', previewFor: new Set(['tester']) })
  assert.equal(problemOf(open.call()), undefined)
})

test('past its sunset a version is gone', async () => {
  const { clock, call } = governed({})
  await clock.advance(SUNSET - clock.now() - 1)
  assert.equal(problemOf(call()), undefined)
  await clock.advance(1)
  assert.equal(problemOf(call())?.code, 'version-retired')
})
