import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { loadContracts, type OperationContract } from '../../../../src/gateway/contract.ts'
import type { Admitted } from '../../../../src/gateway/exchange.ts'
import { jsonReply } from '../../../../src/gateway/reply.ts'
import { validateRequest } from '../../../../src/gateway/steps/validate-request.ts'
import { Problem } from '../../../../src/kernel/problems.ts'
import { allowed, type CallOptions, PLACE } from '../../../support/exchanges.ts'
import { TestClock } from '../../../support/test-clock.ts'

const [shop] = await loadContracts('test/fixtures/contracts')
const operation = (id: string): OperationContract => {
  const found = shop?.operations.find(o => o.operationId === id)
  assert.ok(found)
  return found
}

async function send(id: string, options: Omit<CallOptions, 'clock'>) {
  const contract = operation(id)
  let seen: Admitted | undefined
  const handler = validateRequest(
    { contract, maxBodyBytes: 1000, at: PLACE, traits: 'all' },
    exchange => {
      seen = exchange
      return jsonReply(200, {})
    },
  )
  try {
    await handler(allowed({ clock: new TestClock(), method: contract.method, ...options }))
  } catch (error) {
    assert.ok(error instanceof Problem, String(error))
    return { problem: error, errors: error.options.errors ?? [], seen }
  }
  return { problem: undefined, errors: [], seen }
}

const get = (query: string, headers = {}, sku = 'A-1') =>
  send('getItem', { url: `/shop/v1/items/${sku}?${query}`, pathParams: { sku }, headers })
const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
  send('addItem', {
    url: '/shop/v1/items',
    body,
    headers: {
      'content-type': 'application/json',
      'content-length': String(body.length),
      ...headers,
    },
  })

test('what the contract allows arrives typed as the contract says', async () => {
  const { seen } = await get('tag=a&tag=b&limit=5')
  assert.deepEqual({ ...seen?.query }, { tag: ['a', 'b'], limit: 5 })
  assert.deepEqual((await get('')).seen?.query.limit, 20)
})

test('everything that is wrong is told at once, each with a pointer', async () => {
  const { problem, errors } = await get('tag=&limit=900&nope=1', { 'x-store': 'abc' }, 'a b')
  assert.equal(problem?.code, 'invalid-request')
  assert.deepEqual(errors.map(e => e.pointer).sort(), [
    '#/header/x-store',
    '#/path/sku',
    '#/query/limit',
    '#/query/nope',
    '#/query/tag/0',
  ])
})

test('a parameter that may stand once is refused twice', async () => {
  assert.deepEqual((await get('limit=1&limit=2')).errors, [
    { pointer: '#/query/limit', code: 'repeated', message: 'must be given once' },
  ])
})

test('pointers into a body lead to the line', async () => {
  const { errors } = await post('{"sku":"","lines":[{"quantity":"1"},{"quantity":"x","extra":1}]}')
  assert.deepEqual(errors.map(e => e.pointer).sort(), [
    '#/body/lines/1/extra',
    '#/body/lines/1/quantity',
    '#/body/sku',
  ])
})

test('text that is not JSON is refused with the place at which it stops being so', async () => {
  const { errors } = await post('{"sku": "A",\n "lines": [}')
  assert.equal(errors[0]?.pointer, '#/body')
  assert.match(errors[0]?.message ?? '', /line 2, column 12/)
  assert.match((await post(Buffer.from([0xff, 0xfe]))).errors[0]?.message ?? '', /UTF-8/)
})

test('a required body that is missing is said to be missing', async () => {
  const { errors } = await send('addItem', { url: '/shop/v1/items', headers: {} })
  assert.deepEqual(
    errors.map(e => [e.pointer, e.code]),
    [['#/body', 'required']],
  )
})

test('another media type, or a compressed body, is 415 with what would be taken', async () => {
  const wrong: Record<string, string>[] = [
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    { 'content-type': '' },
  ]
  for (const headers of wrong) {
    const { problem } = await post('{}', headers)
    assert.equal(problem?.code, 'unsupported-media-type')
    assert.equal(problem?.options.headers?.['Accept-Post'], 'application/json')
  }
})

test('a caller that takes no JSON is told so', async () => {
  assert.equal((await get('', { accept: 'text/html' })).problem?.code, 'not-acceptable')
  assert.equal((await get('', { accept: 'application/json;q=0' })).problem?.code, 'not-acceptable')
  for (const accept of ['*/*', 'text/html, application/*;q=0.5', 'application/json']) {
    assert.equal((await get('', { accept })).problem, undefined)
  }
})

test('no query, however odd, gets an unchecked value through or breaks the step', async () => {
  await fc.assert(
    fc.asyncProperty(fc.webQueryParameters(), async query => {
      const { seen, problem } = await get(query)
      if (seen) {
        assert.ok(Object.keys(seen.query).every(k => ['tag', 'limit', 'email'].includes(k)))
        assert.ok(Number.isInteger(seen.query.limit))
      } else {
        assert.equal(problem?.code, 'invalid-request')
      }
    }),
  )
})

test('a flood of mistakes is answered with a bounded list', async () => {
  const query = Array.from({ length: 500 }, (_, i) => `x${i}=1`).join('&')
  const { errors } = await get(query)
  assert.equal(errors.length, 51)
})
