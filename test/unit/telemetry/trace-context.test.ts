import assert from 'node:assert/strict'
import { test } from 'node:test'
import { childTraceparent } from '../../../src/telemetry/trace-context.ts'

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test('a call stays in its trace, as a span of its own', () => {
  const child = childTraceparent(CALLER, true)
  assert.match(child, /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/)
  assert.notEqual(child.slice(36, 52), 'b7ad6b7169203331')
})

test('a caller that is not trusted cannot force us to record', () => {
  assert.match(childTraceparent(CALLER, false), /-00$/)
})

test('a malformed header starts a new trace', () => {
  const malformed = [
    undefined,
    '',
    CALLER.toUpperCase(),
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
    `ff${CALLER.slice(2)}`,
    `${CALLER}-more`,
  ]
  for (const header of malformed) {
    const child = childTraceparent(header, true)
    assert.match(child, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
    assert.ok(!child.includes('0af7651916cd43dd8448eb211c80319c'), String(header))
  }
})
