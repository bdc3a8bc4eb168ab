import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createLoad, type MeasuredLoad } from '../gateway/load.ts'
import type { Clock } from '../kernel/clock.ts'

/** The monitor's own period, which stands in every figure that it gives. */
const RESOLUTION_MS = 10

/** The load of this process, by how late its event loop is. */
export function measureLoad(clock: Clock): MeasuredLoad {
  const lateness = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  lateness.enable()
  const load = createLoad({
    clock,
    delayMs() {
      const late = lateness.count ? lateness.mean / 1e6 - RESOLUTION_MS : 0
      lateness.reset()
      return late
    },
  })
  return {
    ...load,
    get pressure() {
      return load.pressure
    },
    async close() {
      lateness.disable()
      await load.close()
    },
  }
}
