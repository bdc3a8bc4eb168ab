import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EMPTY, type Reply } from '../../../../src/gateway/reply.ts'
import { withinReach } from '../../../../src/gateway/steps/within-reach.ts'
import { Problem } from '../../../../src/kernel/problems.ts'
import { admitted, PLACE, testConsumer, testPrincipal } from '../../../support/exchanges.ts'
import { plainNetwork } from '../../../support/plain-sources.ts'
import { TestClock } from '../../../support/test-clock.ts'

const reply: Reply = { status: 200, headers: [], body: EMPTY }
const clock = new TestClock()
const principal = testPrincipal({
  consumer: testConsumer({ channels: new Set(['web']), regions: new Set(['east']) }),
})

type Named = { query?: Record<string, unknown>; body?: unknown; path?: Record<string, string> }

function run({ query, body, path }: Named, mode: 'enforce' | 'shadow' = 'enforce') {
  const exchange = admitted({
    clock,
    principal,
    ...(query && { query }),
    ...(path && { pathParams: path }),
    parsedBody: body,
  })
  const result = withinReach({ network: plainNetwork(), at: PLACE, mode }, () => reply)(exchange)
  return { result, trail: exchange.trail }
}

const refused = (code: string, named: Named) =>
  assert.throws(
    () => run(named),
    error => error instanceof Problem && error.code === code,
    `${code} for ${JSON.stringify(named)}`,
  )

test("a call within the consumer's channels and regions goes on", () => {
  for (const named of [
    {},
    { query: { channel: 'web', location: ['DC-EAST', 'STORE-12'] } },
    { body: { channel: 'web', locations: ['DC-EAST'] } },
    { body: null },
    { body: 'text' },
    { body: [1] },
  ]) {
    assert.equal(run(named).result, reply)
  }
})

// A marketplace partner must not read the stock of a country that its contract does not cover.
test('a channel or a region that is not open to the consumer is refused, wherever it is named', () => {
  for (const where of ['query', 'body', 'path'] as const) {
    refused('channel-not-allowed', { [where]: { channel: 'store' } })
    refused('region-not-allowed', { [where]: { location: 'DC-WEST' } })
    refused('region-not-allowed', { [where]: { locations: ['DC-EAST', 'DC-WEST'] } })
    refused('region-not-allowed', { [where]: { location: ['DC-EAST'], locations: ['DC-WEST'] } })
  }
})

test("a line of a cart, and an order's channel, are held to it as well", () => {
  refused('channel-not-allowed', { body: { channelId: 'store' } })
  refused('region-not-allowed', {
    body: { channel: 'web', lines: [{ location: 'DC-EAST' }, { location: 'DC-WEST' }] },
  })
  assert.equal(run({ body: { channelId: 'web', lines: [{ location: 'DC-EAST' }] } }).result, reply)
})

test('what the query allows does not cover what the body asks for', () => {
  refused('channel-not-allowed', { query: { channel: 'web' }, body: { channel: 'store' } })
  refused('region-not-allowed', { query: { location: 'DC-EAST' }, body: { location: 'DC-WEST' } })
})

test('the refusal lists the locations that are out of reach, and no others', () => {
  assert.throws(
    () => run({ query: { location: ['DC-EAST', 'DC-WEST', 'NOWHERE'] } }),
    (error: Problem) => {
      assert.deepEqual(error.options.extensions, { locations: ['DC-WEST'] })
      return true
    },
  )
})

test('a location that nobody knows is left to the operation', () => {
  assert.equal(run({ query: { location: ['NOWHERE'] } }).result, reply)
})

test('in shadow mode the call goes on, and the trail says what would have been', () => {
  const { result, trail } = run({ query: { channel: 'store', location: ['DC-WEST'] } }, 'shadow')
  assert.equal(result, reply)
  assert.deepEqual(
    trail.map(v => v.decision),
    ['would-refuse', 'would-refuse'],
  )
})
