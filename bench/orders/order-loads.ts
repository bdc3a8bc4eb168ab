import { setTimeout as sleep } from 'node:timers/promises'
import { percentile } from '../statistics.ts'
import type { Placed } from './order-client.ts'

export type LoopResult = {
  /** Successes in a second. */
  readonly rate: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** What else came of it, and how often. */
  readonly failures: Readonly<Record<string, number>>
}

/** So many clients, each at it again as soon as it has its answer. */
export async function closedLoop(
  clients: number,
  seconds: number,
  once: (client: number) => Promise<Placed['outcome']>,
): Promise<LoopResult> {
  const begun = performance.now()
  const until = begun + seconds * 1000
  const times: number[] = []
  const failures: Record<string, number> = {}
  const client = async (n: number): Promise<void> => {
    for (let from = performance.now(); from < until; from = performance.now()) {
      const outcome = await once(n)
      if (outcome === 'accepted') times.push(performance.now() - from)
      else failures[outcome] = (failures[outcome] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, n) => client(n)))
  return {
    rate: (times.length * 1000) / (performance.now() - begun),
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    failures,
  }
}

export type Timed = Placed & {
  /** When the answer had come, epoch ms. */
  readonly at: number
  /** From when it was due. */
  readonly ms: number
}

/** So many a second, whether the others have their answers or not, until it is stopped. */
export function steadyLoad(perSecond: number, once: () => Promise<Placed>) {
  const stopping = new AbortController()
  const timed: Timed[] = []
  const under: Promise<void>[] = []
  const ended = (async () => {
    const from = performance.now()
    for (let n = 0; !stopping.signal.aborted; n++) {
      const due = from + (n * 1000) / perSecond
      await sleep(Math.max(0, due - performance.now()), undefined, {
        signal: stopping.signal,
      }).catch(() => {})
      if (stopping.signal.aborted) return
      under.push(
        once().then(placed => {
          timed.push({ ...placed, at: Date.now(), ms: performance.now() - due })
        }),
      )
    }
  })()
  return {
    timed: timed as readonly Timed[],
    /** Resolves when all have their answers. */
    async stop(): Promise<void> {
      stopping.abort()
      await ended
      await Promise.all(under)
    },
  }
}
