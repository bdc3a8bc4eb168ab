import type { Clock } from '../kernel/clock.ts'

/** What the process bears. */
export type LoadLimits = {
  /** The event loop may be this late, ms. */
  readonly eventLoopDelayMs: number
  /** Calls being worked on. */
  readonly maxInFlight: number
}

/** How hard the process is pressed: 0 at ease, 1 when all of the least important class is to be refused, 2 … */
export interface Load {
  readonly pressure: number
  arrived(): void
  left(): void
}

/** Nothing presses: for what is not really called. */
export const AT_EASE: Load = { pressure: 0, arrived() {}, left() {} }

const TICK_MS = 100
/** Nothing is shed for fewer overloaded ticks in a row: a start, a large edit of the policies, one long pause. */
const TICKS_THAT_PASS = 10
/** How much of a class is given up more in one tick, at most; and taken back at ease. */
const FASTEST_RISE = 0.25
const FALL = 0.05

export type MeasuredLoad = Load & {
  /** @param limits undefined for a process that never sheds; `classes` is how many there are to shed */
  limit(limits: LoadLimits | undefined, classes: number): void
  close(): Promise<void>
}

/**
 * Raises the pressure while the process is overloaded, by how much it is, and lowers it slowly when it is not:
 * load is shed until it fits, and no more.
 *
 * @param delayMs how late the event loop was since it was last asked
 */
export function createLoad({ clock, delayMs }: { clock: Clock; delayMs(): number }): MeasuredLoad {
  const closing = new AbortController()
  let limits: LoadLimits | undefined
  let classes = 0
  let pressure = 0
  let inFlight = 0
  let overloadedTicks = 0

  const tick = (): void => {
    const delay = delayMs()
    if (!limits) {
      pressure = 0
      overloadedTicks = 0
      return
    }
    const excess = Math.max(delay / limits.eventLoopDelayMs, inFlight / limits.maxInFlight) - 1
    overloadedTicks = excess > 0 ? overloadedTicks + 1 : 0
    const change = overloadedTicks > TICKS_THAT_PASS ? Math.min(FASTEST_RISE, excess / 2) : -FALL
    pressure = Math.min(classes, Math.max(0, pressure + change))
  }
  const ticking = (async () => {
    while (!closing.signal.aborted) {
      tick()
      await clock.sleep(TICK_MS, closing.signal).catch(() => {})
    }
  })()

  return {
    get pressure() {
      return pressure
    },
    limit(given, count) {
      limits = given
      classes = count
    },
    arrived() {
      inFlight++
    },
    left() {
      inFlight--
    },
    async close() {
      closing.abort()
      await ticking
    },
  }
}
