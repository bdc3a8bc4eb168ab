import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRecentDecisions, type Decision } from '../../../src/gateway/recent-decisions.ts'

const decision = (correlationId: string, status: number): Decision => ({
  correlationId,
  receivedAt: '2026-11-23T12:00:00.000Z',
  policyRevision: 'r',
  method: 'GET',
  operation: 'getAvailability',
  consumer: 'tester',
  status,
  code: 'none',
  durationMs: 1,
  trail: [],
})

test('exactly the last calls are found, the latest of those that share an id', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 40 }),
      (capacity, ids) => {
        const recent = createRecentDecisions(capacity)
        for (const [i, id] of ids.entries()) recent.add(decision(id, i))
        const kept = ids.map((id, i) => [id, i] as const).slice(-capacity)
        for (const id of ['a', 'b', 'c', 'd', 'e']) {
          assert.equal(recent.find(id)?.status, kept.findLast(([k]) => k === id)?.[1])
        }
      },
    ),
  )
})
