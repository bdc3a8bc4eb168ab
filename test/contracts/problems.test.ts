import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblemCode, problems } from '../../src/kernel/problems.ts'
import { type PublishedOperation, published } from './published.ts'

type ProblemExample = {
  code: string
  type: string
  title: string
  status: number
  retryable: boolean
}

/** Statuses of what the gateway itself may answer for any operation. */
const ALWAYS = [400, 401, 403, 406, 410, 429, 431, 500, 501, 502, 503, 504]
const WITH_BODY = [408, 413, 415]

const refusals = ({ responses }: PublishedOperation) =>
  Object.entries(responses).filter(([status]) => Number(status) >= 400)

const STATE = ['reservation-ended', 'reservation-committed', 'idempotency-key-in-use']

/** What each operation may answer beyond that; a client's error handling is written from this. */
const PARTICULAR: Readonly<Record<string, readonly string[]>> = {
  getStock: ['unknown-sku', 'unknown-location'],
  getAvailability: ['unknown-channel', 'unknown-location'],
  queryAvailability: ['unknown-channel', 'unknown-location'],
  getPrices: ['unknown-channel', 'currency-not-available'],
  createQuote: ['unknown-channel', 'currency-not-available', 'price-not-available'],
  createReservation: [
    'stock-short',
    'idempotency-key-in-use',
    'unknown-channel',
    'unknown-location',
    'idempotency-key-reused',
  ],
  getReservation: ['not-found'],
  releaseReservation: ['not-found', ...STATE, 'idempotency-key-reused'],
  extendReservation: ['not-found', ...STATE, 'idempotency-key-reused'],
  getPosition: ['unknown-sku', 'unknown-channel', 'unknown-location'],
  createOrder: [
    'order-changed',
    'price-changed',
    'idempotency-key-in-use',
    'unknown-channel',
    'unknown-location',
    'idempotency-key-reused',
  ],
  getOrder: ['not-found'],
  getOrderTimeline: ['not-found'],
  cancelOrder: [
    'not-found',
    'order-not-cancellable',
    'idempotency-key-in-use',
    'idempotency-key-reused',
  ],
  recordMovements: ['idempotency-key-in-use', 'unknown-location', 'idempotency-key-reused'],
}

for (const { name, operation, contract } of published) {
  test(`${name} documents every refusal that the gateway may answer`, () => {
    const documented = new Set(Object.keys(operation.responses).map(Number))
    const expected = contract.bodyTypes.length ? [...ALWAYS, ...WITH_BODY] : ALWAYS
    for (const status of expected) assert.ok(documented.has(status), `${status} is missing`)
  })

  test(`${name} shows its problems as the catalogue has them`, () => {
    for (const [status, { content }] of refusals(operation)) {
      assert.deepEqual(Object.keys(content ?? {}), ['application/problem+json'], status)
      for (const [code, { value }] of Object.entries(
        content?.['application/problem+json']?.examples ?? {},
      )) {
        assert.ok(isProblemCode(code), `${code} is not in the catalogue`)
        const { title, retry } = problems[code]
        const example = value as ProblemExample
        assert.deepEqual(
          { ...example },
          {
            ...example,
            type: `/problems/${code}`,
            title,
            code,
            status: Number(status),
            retryable: retry === 'later',
          },
        )
      }
    }
  })

  test(`${name} promises the refusals of its own trade, and those of no other`, () => {
    const shown = refusals(operation)
      .filter(([status]) => ['404', '409', '422'].includes(status))
      .flatMap(([, { content }]) =>
        Object.keys(content?.['application/problem+json']?.examples ?? {}),
      )
    assert.deepEqual(shown, PARTICULAR[contract.operationId] ?? [])
  })

  test(`${name} names the header fields that a refusal carries`, () => {
    const fields = (status: number) => Object.keys(operation.responses[status]?.headers ?? {})
    for (const [status] of refusals(operation)) {
      assert.ok(fields(Number(status)).includes('X-Correlation-Id'), status)
    }
    assert.ok(fields(401).includes('WWW-Authenticate'))
    for (const field of ['RateLimit-Policy', 'RateLimit', 'Retry-After']) {
      assert.ok(fields(429).includes(field), field)
    }
    assert.ok(fields(503).includes('Retry-After'))
  })
}
