import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '../../../src/kernel/problems.ts'
import type { UpstreamFailureKind } from '../../../src/kernel/upstream-failure.ts'
import { upstreamProblem } from '../../../src/operations/upstream-problem.ts'
import { failure } from '../../support/plain-sources.ts'

const problemOf = (error: unknown): Problem => {
  const problem = upstreamProblem(error)
  assert.ok(problem instanceof Problem)
  return problem
}

const EXPECTED: Record<UpstreamFailureKind, [code: string, status: number, retryAfter?: number]> = {
  unreachable: ['erp-unreachable', 503, 2],
  busy: ['erp-busy', 503, 2],
  session: ['erp-unreachable', 503, 2],
  rejected: ['erp-rejected', 502],
  garbled: ['erp-garbled', 502],
  unknown: ['erp-timeout', 504],
}

test('each way of failing has its own answer', () => {
  for (const [kind, [code, status, retryAfter]] of Object.entries(EXPECTED)) {
    const problem = problemOf(failure(kind as UpstreamFailureKind))
    assert.deepEqual(
      [problem.code, problem.kind.status, problem.options.retryAfterSeconds],
      [code, status, retryAfter],
    )
  }
})

test('a caller waits as long as the ERP asked', () => {
  assert.equal(problemOf(failure('busy', { retryAfterSeconds: 30 })).options.retryAfterSeconds, 30)
})

test('Proxy-Status names the connection and what it answered, and nothing that the ERP said', () => {
  const problem = problemOf(
    failure('garbled', { proxyError: 'http_protocol_error', receivedStatus: 200 }),
  )
  assert.equal(
    problem.options.headers?.['Proxy-Status'],
    'postern; error=http_protocol_error; next-hop="erp-east"; received-status=200',
  )
  assert.equal(problem.options.detail, undefined)
})

test('a name cannot break out of its header field', () => {
  const problem = problemOf(failure('busy', { connection: 'a"; b\\c\r\né' }))
  assert.match(problem.options.headers?.['Proxy-Status'] ?? '', /next-hop="a\\"; b\\\\c\?\?\?"$/)
})

test('a passed deadline is a timeout; what is not the ERP stays what it is', () => {
  const passed = new DOMException('the deadline has passed', 'TimeoutError')
  assert.equal(problemOf(passed).code, 'erp-timeout')
  const bug = new TypeError('a bug')
  assert.equal(upstreamProblem(bug), bug)
})
