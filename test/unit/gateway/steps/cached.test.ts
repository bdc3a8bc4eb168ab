import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Admitted } from '../../../../src/gateway/exchange.ts'
import { jsonReply, type Reply } from '../../../../src/gateway/reply.ts'
import { createResponseCache } from '../../../../src/gateway/response-cache.ts'
import { cached } from '../../../../src/gateway/steps/cached.ts'
import { Problem } from '../../../../src/kernel/problems.ts'
import {
  admitted,
  headerOf,
  PLACE,
  testConsumer,
  testPlan,
  testPrincipal,
} from '../../../support/exchanges.ts'
import { TestClock } from '../../../support/test-clock.ts'

const policy = {
  at: PLACE,
  ttlSeconds: 15,
  staleWhileRevalidateSeconds: 60,
  staleIfErrorSeconds: 3600,
  jitter: 0,
  clientMaxAgeSeconds: 5,
  vary: ['consumer'],
}

function setUp(operation: (exchange: Admitted, n: number) => Promise<Reply> | Reply) {
  const clock = new TestClock()
  const cache = createResponseCache(1_000_000)
  const outcomes: string[] = []
  let calls = 0
  const handler = cached(
    {
      policy,
      operationId: 'getAvailability',
      basis: 'policies',
      timeoutMs: 1_000,
      cache,
      clock,
      random: () => 0.5,
      count: outcome => outcomes.push(outcome),
    },
    exchange => operation(exchange, ++calls),
  )
  return {
    clock,
    cache,
    outcomes,
    calls: () => calls,
    ask: async (options: Partial<Parameters<typeof admitted>[0]> = {}) =>
      handler(admitted({ clock, query: { sku: ['1'] }, traits: policy.vary, ...options })),
  }
}

const textOf = (reply: Reply) => (reply.body.kind === 'bytes' ? reply.body.value.toString() : '')
const down = () => new Problem('erp-unreachable')

test('a thousand simultaneous identical misses make one call of the operation', async () => {
  const { promise, resolve } = Promise.withResolvers<Reply>()
  const { ask, calls, outcomes } = setUp(() => promise)
  const replies = Array.from({ length: 1000 }, () => ask())
  resolve(jsonReply(200, { n: 1 }))
  const bodies = new Set((await Promise.all(replies)).map(textOf))
  assert.equal(calls(), 1)
  assert.deepEqual([...bodies], ['{"n":1}'])
  assert.equal(outcomes.filter(o => o === 'miss').length, 1)
  assert.equal(outcomes.filter(o => o === 'collapsed').length, 999)
})

test('a fresh hit is answered without waiting, with its age and what is left', async () => {
  const { ask, clock, calls } = setUp((_, n) => jsonReply(200, { n }))
  await ask()
  await clock.advance(4_000)
  const reply = await ask()
  assert.equal(calls(), 1)
  assert.equal(headerOf(reply.headers, 'Age'), '4')
  assert.equal(headerOf(reply.headers, 'Cache-Status'), 'postern; hit; ttl=11')
  assert.equal(headerOf(reply.headers, 'Cache-Control'), 'private, max-age=5')
})

test('past its time an answer is sent at once while one call refreshes it', async () => {
  const { ask, clock, calls } = setUp((_, n) => jsonReply(200, { n }))
  await ask()
  await clock.advance(20_000)
  const [first, second] = await Promise.all([ask(), ask()])
  assert.deepEqual([textOf(first), textOf(second)], ['{"n":1}', '{"n":1}'])
  assert.match(headerOf(first.headers, 'Cache-Status') ?? '', /^postern; hit; ttl=-5; detail=swr$/)
  await new Promise(setImmediate)
  assert.equal(calls(), 2)
  assert.equal(textOf(await ask()), '{"n":2}')
})

test('when the ERP fails, the last good answer is sent, and only one caller waits to find out', async () => {
  let ill = false
  const { ask, clock, calls, outcomes } = setUp((_, n) => {
    if (ill) throw down()
    return jsonReply(200, { n })
  })
  await ask()
  ill = true
  await clock.advance(100_000)
  assert.equal(textOf(await ask()), '{"n":1}')
  assert.equal(calls(), 2)
  for (let i = 0; i < 50; i++) await ask()
  assert.equal(calls(), 2, 'no call is tried again within the pause')
  assert.ok(outcomes.includes('stale-if-error'))
  ill = false
  await clock.advance(2_000)
  await ask()
  await new Promise(setImmediate)
  assert.equal(textOf(await ask()), '{"n":3}', 'recovery needs no restart')
})

test('an answer older than stale-if-error allows is not sent, however ill the ERP is', async () => {
  let ill = false
  const { ask, clock } = setUp(() => {
    if (ill) throw down()
    return jsonReply(200, {})
  })
  await ask()
  ill = true
  await clock.advance(3_700_000)
  await assert.rejects(ask(), { code: 'erp-unreachable' })
})

test("a caller's own mistake is never covered by an old answer", async () => {
  let wrong = false
  const { ask, clock } = setUp(() => {
    if (wrong) throw new Problem('invalid-request')
    return jsonReply(200, {})
  })
  await ask()
  wrong = true
  await clock.advance(100_000)
  await assert.rejects(ask(), { code: 'invalid-request' })
})

test('a price is not sent past the end of its window, not even stale', async () => {
  const { ask, clock, calls } = setUp((_, n) =>
    jsonReply(200, { n }, { validUntil: clock.now() + 3_000 }),
  )
  await ask()
  await clock.advance(3_001)
  const reply = await ask()
  assert.equal(textOf(reply), '{"n":2}')
  assert.equal(calls(), 2)
})

test('a stale answer says how old it is', async () => {
  const { ask, clock } = setUp(() => {
    const made = clock.now()
    return jsonReply(200, { age: 0 }, { restamp: now => ({ age: (now - made) / 1000 }) })
  })
  await ask()
  await clock.advance(30_000)
  assert.equal(textOf(await ask()), '{"age":30}')
})

test('two consumers that may see different things never share an answer', async () => {
  const { ask } = setUp(exchange => jsonReply(200, { for: exchange.trait('consumer') }))
  const other = testPrincipal({ consumer: testConsumer({ id: 'other' }) })
  assert.equal(textOf(await ask()), '{"for":"tester"}')
  assert.equal(textOf(await ask({ principal: other })), '{"for":"other"}')
})

test('an operation cannot look at a trait that its cache policy does not name', async () => {
  const { ask } = setUp(exchange => jsonReply(200, { r: exchange.trait('regions') }))
  await assert.rejects(ask(), /does not vary by "regions"/)
})

test('an unchanged answer is 304 with the same validators', async () => {
  const { ask } = setUp(() => jsonReply(200, { n: 1 }))
  const etag = headerOf((await ask()).headers, 'ETag') ?? ''
  assert.match(etag, /^"[\w-]{22}"$/)
  for (const condition of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
    const reply = await ask({ headers: { 'if-none-match': condition } })
    assert.equal(reply.status, 304)
    assert.equal(headerOf(reply.headers, 'ETag'), etag)
  }
  assert.equal((await ask({ headers: { 'if-none-match': '"x"' } })).status, 200)
})

test('reading through is for plans that allow it', async () => {
  const { ask, calls } = setUp((_, n) => jsonReply(200, { n }))
  const headers = { 'cache-control': 'no-cache' }
  await ask()
  await ask({ headers })
  assert.equal(calls(), 1)
  const strict = testPrincipal({
    consumer: testConsumer({ plan: testPlan({ allowNoCache: true }) }),
  })
  const reply = await ask({ headers, principal: strict })
  assert.equal(calls(), 2)
  assert.match(headerOf(reply.headers, 'Cache-Status') ?? '', /fwd=request/)
})

test('an unknown SKU is believed for ten seconds, so that junk does not reach the ERP', async () => {
  const { ask, clock, calls } = setUp(() => {
    throw new Problem('unknown-sku')
  })
  await assert.rejects(ask(), { code: 'unknown-sku' })
  await assert.rejects(ask(), { code: 'unknown-sku' })
  assert.equal(calls(), 1)
  await clock.advance(10_001)
  await assert.rejects(ask(), { code: 'unknown-sku' })
  assert.equal(calls(), 2)
})

test('an incomplete answer is kept a second, not a quarter of a minute', async () => {
  const { ask, clock, calls } = setUp((_, n) => jsonReply(200, { n }, { stale: true }))
  await ask()
  await clock.advance(1_100)
  await ask()
  assert.equal(calls(), 2)
})

test('the cache stays within its bytes', () => {
  const cache = createResponseCache(100_000)
  for (let i = 0; i < 1000; i++) {
    cache.set(`key-${i}`, { ...EMPTY_ANSWER, bytes: Buffer.alloc(1000) }, cache.mark())
  }
  assert.ok(cache.bytes <= 100_000)
  assert.ok(cache.entries > 10)
  cache.set('huge', { ...EMPTY_ANSWER, bytes: Buffer.alloc(50_000) }, cache.mark())
  assert.equal(cache.get('huge'), undefined)
})

const EMPTY_ANSWER = {
  status: 200,
  headers: [],
  bytes: Buffer.alloc(0),
  contentType: 'application/json',
  etag: '""',
  storedAt: 0,
  freshUntil: 0,
  staleUntil: 0,
  errorUntil: 0,
  retryAt: 0,
  stampedAt: 0,
  restamp: undefined,
  problem: undefined,
  groups: [],
}
