import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isEnforced } from '../../../src/policy/enforced.ts'

const ids = Array.from({ length: 5000 }, (_, n) => `consumer-${n}`)

test('a share is carried out for about that share of the consumers', () => {
  for (const enforcePercent of [1, 10, 50, 90]) {
    const share = ids.filter(id => isEnforced({ enforcePercent }, id)).length / ids.length
    assert.ok(Math.abs(share * 100 - enforcePercent) < 2.5, `${enforcePercent}: ${share}`)
  }
})

// A roll-out that lets go of somebody whom it had caught looks like an outage that comes and goes.
test('raising the share only adds consumers', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 98 }), (id, enforcePercent) => {
      if (isEnforced({ enforcePercent }, id)) {
        assert.ok(isEnforced({ enforcePercent: enforcePercent + 1 }, id))
      }
      assert.equal(isEnforced({ enforcePercent }, id), isEnforced({ enforcePercent }, id))
    }),
  )
})

test('enforce means everybody and shadow nobody', () => {
  assert.ok(ids.every(id => isEnforced('enforce', id)))
  assert.ok(!ids.some(id => isEnforced('shadow', id)))
})
