import { after, before } from 'node:test'
import { redisMissing, startRedis, type TestRedis } from '../support/redis.ts'
import { openRedisLimits } from '../support/redis-limits.ts'
import { TestClock } from '../support/test-clock.ts'
import { runLimiterSuite } from './limiter.ts'

let redis: TestRedis
before(async () => {
  if (!redisMissing) redis = await startRedis()
})
after(() => redis?.stop())

runLimiterSuite({
  name: 'Redis',
  skip: redisMissing,
  driftSeconds: 3,
  runs: 25,
  // The suite lets days pass while calls are in flight.
  create: startsAt =>
    openRedisLimits(redis.url, { clock: new TestClock(startsAt), leaseMs: 7 * 86_400_000 }),
})
