import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rpcFailure, statusFailure } from '../../../../src/connectors/tryton/failures.ts'
import { resultOf } from '../../../../src/connectors/tryton/rpc-answer.ts'
import { UpstreamFailure } from '../../../../src/kernel/upstream-failure.ts'

const attempt = { connection: 'tryton', call: 'inventory.readStock' }

test('each error that Tryton sends within status 200 has its kind', () => {
  const kinds = (errors: unknown[]) => errors.map(error => rpcFailure(error, attempt).kind)
  const rejected = [
    ['UserError', ['The code on party must be unique.', '', null]],
    ['UserWarning', ['future_inventory', 'Are you sure?', '']],
    ['ConcurrencyException', 'Records were modified in the meanwhile'],
    ['LoginException', ['password', 'Password for api', 'password']],
  ]
  assert.deepEqual(new Set(kinds(rejected)), new Set(['rejected']))
  const busy = [
    ['could not obtain lock on row in relation "stock_move"\n', ''],
    ['could not serialize access due to concurrent update\n', ''],
    ['deadlock detected\nDETAIL: Process 1 waits', ''],
    ['connection to server on socket "/tmp/.s.PGSQL.5432" failed: No such file', ''],
    ['server closed the connection unexpectedly\n\tThis probably means', ''],
  ]
  assert.deepEqual(new Set(kinds(busy)), new Set(['busy']))
  const garbled = [["'nope'", ''], ['Missing context argument', ''], 'text', null, [1]]
  assert.deepEqual(new Set(kinds(garbled)), new Set(['garbled']))
})

test('a question that a person should answer keeps its name, for the operator', () => {
  const warning = rpcFailure(['UserWarning', ['future_inventory', 'Sure?', '']], attempt)
  assert.equal(warning.details.erpCode, 'future_inventory')
})

test('each status has its kind', () => {
  const kind = (status: number) => statusFailure(status, undefined, attempt).kind
  const statuses = [302, 400, 401, 403, 404, 429, 500, 502, 503, 504]
  assert.deepEqual(Object.fromEntries(statuses.map(status => [status, kind(status)])), {
    302: 'garbled',
    400: 'garbled',
    401: 'session',
    403: 'rejected',
    404: 'unreachable',
    429: 'busy',
    500: 'unknown',
    502: 'busy',
    503: 'busy',
    504: 'unknown',
  })
})

test('a wait that is asked for is passed on, and one that cannot be read is not', () => {
  assert.equal(statusFailure(503, '7', attempt).details.retryAfterSeconds, 7)
  assert.equal(statusFailure(503, 'soon', attempt).details.retryAfterSeconds, undefined)
  assert.equal(statusFailure(503, undefined, attempt).details.retryAfterSeconds, undefined)
})

test('what is no answer at all is garbled, never a result', () => {
  for (const text of ['', 'null', '[]', '7', '{}', '<html>', '{"result"']) {
    assert.throws(
      () => resultOf(text, attempt),
      (error: unknown) => error instanceof UpstreamFailure && error.kind === 'garbled',
    )
  }
  assert.equal(resultOf('{"id":1,"result":null}', attempt), null)
})
