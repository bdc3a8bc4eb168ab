import { silentLogger } from '../../src/kernel/logger.ts'
import { createMemoryLimits } from '../../src/store/memory-limits.ts'
import { TestClock } from '../support/test-clock.ts'
import { runLimiterSuite } from './limiter.ts'

runLimiterSuite({
  name: 'memory',
  driftSeconds: 0,
  runs: 200,
  async create(startsAt) {
    const clock = new TestClock(startsAt)
    const counter = createMemoryLimits({ clock, maxKeys: 100, logger: silentLogger })
    return { counter, clock, pass: ms => clock.advance(ms), close: () => counter.close() }
  },
})
