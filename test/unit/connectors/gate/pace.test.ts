import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createPace, windowOf } from '../../../../src/connectors/gate/pace.ts'
import type { Allowed } from '../../../../src/ports/erp-allowance.ts'
import { TestClock } from '../../../support/test-clock.ts'

const CLASSES = [
  { name: 'till', weight: 4, floor: 0.25 },
  { name: 'batch', weight: 1, floor: 0 },
]

// A storm of cache misses must look, to the ERP, like an ordinary afternoon.
test('no window holds more requests than the budget, and the others never take what a floor sets aside', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0.2, max: 20, noNaN: true }),
      fc.array(
        fc.record({
          gap: fc.integer({ min: 0, max: 700 }),
          workClass: fc.constantFrom('till', 'batch', 'stranger'),
        }),
        { minLength: 1, maxLength: 80 },
      ),
      async (perSecond, asked) => {
        const clock = new TestClock()
        const pace = createPace(perSecond, CLASSES, clock)
        const { most, windowMs } = windowOf(perSecond)
        const sent: { at: number; workClass: string }[] = []
        const within = (from: number) =>
          sent.filter(({ at }) => at >= from && at < from + windowMs - 1e-6)
        for (const { gap, workClass } of asked) {
          await clock.advance(gap)
          const allowed = (await pace.take(workClass)) as Allowed
          if (allowed.ok) sent.push({ at: clock.monotonic(), workClass })
          else assert.ok(allowed.againInMs > 0 && allowed.againInMs <= windowMs)
        }
        for (const { at } of sent) {
          const inside = within(at)
          assert.ok(inside.length <= most, `${inside.length} of ${most}`)
          const others = inside.filter(({ workClass }) => workClass !== 'till').length
          assert.ok(others <= most - Math.floor(most * 0.25), `${others} others of ${most}`)
        }
      },
    ),
  )
})
