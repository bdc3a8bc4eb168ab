import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { AxiosError } from 'axios'
import { networkFailure } from '../../../src/connectors/network-failure.ts'

const attempt = { connection: 'erp', call: 'ping' }
const coded = (code: string) => Object.assign(new Error(code), { code })

test('what was never sent is unreachable; what was cut is unknown; what cannot be read is garbled', () => {
  const kind = (code: string) => networkFailure(coded(code), attempt).kind
  const unreachable = [
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ETIMEDOUT',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'EPROTO',
  ]
  assert.deepEqual(new Set(unreachable.map(kind)), new Set(['unreachable']))
  assert.deepEqual(new Set(['ECONNRESET', 'EPIPE', ''].map(kind)), new Set(['unknown']))
  assert.deepEqual(
    new Set(['HPE_INVALID_CONSTANT', 'ERR_BAD_RESPONSE'].map(kind)),
    new Set(['garbled']),
  )
})

test('a silence after the request had left is unknown, before it unreachable', () => {
  const timedOut = (syscall: string) =>
    networkFailure(Object.assign(coded('ETIMEDOUT'), { syscall }), attempt)
  assert.equal(timedOut('read').kind, 'unknown')
  assert.equal(timedOut('connect').kind, 'unreachable')
})

test('of several addresses that were tried the first tells why', () => {
  const error = new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')])
  assert.equal(networkFailure(error, attempt).details.proxyError, 'connection_refused')
})

// The HTTP client's error holds the request with its credentials, and would be logged as the cause.
test('the request, and with it the credentials, does not get into the failure', () => {
  const config = { headers: { Authorization: 'Basic c2VjcmV0' }, data: 'my-password' }
  const error = new AxiosError('reset', 'ECONNRESET', config as never)
  const shown = inspect(networkFailure(error, attempt), { depth: 20 })
  assert.doesNotMatch(shown, /c2VjcmV0|my-password/)
})
