import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageOf, resultOf } from '../../../../src/connectors/sap-s4/answer.ts'
import { UpstreamFailure } from '../../../../src/kernel/upstream-failure.ts'

const attempt = { connection: 's4', call: 'inventory.readStock' }

const error = (code: string, ...details: { code: string; severity?: string }[]) => ({
  error: {
    code,
    message: { lang: 'de', value: 'Nein' },
    innererror: { transactionid: 'AD7E', errordetails: details },
  },
})

const fails = (status: number, body: unknown, headers: Record<string, string> = {}) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  try {
    resultOf({ status, headers, text }, attempt)
  } catch (failure) {
    assert.ok(failure instanceof UpstreamFailure)
    return [failure.kind, failure.details.erpCode]
  }
  return assert.fail('the answer was taken')
}

test('a refusal is told by the code of its severe detail, not by what accompanies it', () => {
  const details = [
    { code: 'V1/555', severity: 'warning' },
    { code: 'V1/384', severity: 'error' },
  ]
  assert.deepEqual(fails(400, error('SY/530', ...details)), ['rejected', 'V1/384'])
  assert.deepEqual(fails(400, error('V1/384')), ['rejected', 'V1/384'])
})

test('an object that a user has locked is busy, whatever the status', () => {
  assert.deepEqual(fails(400, error('MC/601')), ['busy', undefined])
})

test('an error within status 200 is an error: in the body, and beside it', () => {
  assert.deepEqual(fails(200, error('V1/384')), ['rejected', 'V1/384'])
  const headers = { 'sap-message': JSON.stringify({ code: 'VP/204', severity: 'error' }) }
  assert.deepEqual(fails(200, { d: { results: [] } }, headers), ['rejected', 'VP/204'])
})

test('a warning beside an answer is no error', () => {
  const headers = { 'sap-message': JSON.stringify({ code: 'VP/204', severity: 'warning' }) }
  const text = '{"d":{"results":[]}}'
  assert.deepEqual(pageOf({ status: 200, headers, text }, attempt), { rows: [] })
})

test('a token that is over is a session; a missing right is a refusal, page of HTML or not', () => {
  assert.deepEqual(fails(403, 'failed', { 'x-csrf-token': 'Required' }), ['session', undefined])
  assert.deepEqual(fails(403, '<html>Forbidden</html>'), ['rejected', undefined])
  assert.deepEqual(fails(200, '<html>Logon</html>'), ['garbled', undefined])
})
