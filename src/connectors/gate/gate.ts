import type { Clock } from '../../kernel/clock.ts'
import type { WorkClass } from '../../model/work-class.ts'
import type { ErpCall } from '../../ports/erp.ts'
import type { ErpAllowance } from '../../ports/erp-allowance.ts'
import { failure } from '../failures.ts'
import type { Attempt } from '../network-failure.ts'
import { createFairLine } from './fair-line.ts'
import { type Waiter, waitInLine } from './wait-in-line.ts'

/** Who wants to send one HTTP request to an ERP. */
export type Leaving = Pick<ErpCall, 'signal' | 'deadlineAt' | 'workClass'> & Attempt

/** The one way out to an ERP: every HTTP request passes it, log-ins, pages and repetitions too. */
export interface Gate {
  /**
   * Waits for room in the budget.
   *
   * @returns to be called once, when the request has ended
   * @throws UpstreamFailure `busy` when there is no room before the deadline; the signal's reason
   */
  enter(leaving: Leaving): Promise<() => void>
  close(): Promise<void>
}

export type GateDeps = {
  readonly clock: Clock
  /** Told how long a request waited, seconds. */
  waited(workClass: string, seconds: number): void
}

/** An ERP without a budget. */
export const OPEN_GATE: Gate = { enter: async () => () => {}, close: async () => {} }

/** Where it takes longer until there is room, it is the day's budget that is used up. */
const LONGEST_WINDOW_MS = 60_000
/** Refused so long before the deadline, ms, that it is not taken for the ERP's silence. */
const BEFORE_DEADLINE_MS = 10

/** Lets requests out as the allowance has room for them, work classes by their weights. */
export function createGate(
  allowance: ErpAllowance,
  classes: readonly WorkClass[],
  { clock, waited }: GateDeps,
): Gate {
  const line = createFairLine<Waiter>(classes)
  const closing = new AbortController()
  let serving = false
  let pause = new AbortController()

  const serveAll = async (): Promise<void> => {
    if (serving) return
    serving = true
    while (line.size > 0 && !closing.signal.aborted) {
      const againInMs = await serveOne()
      if (againInMs === 0) continue
      pause = new AbortController()
      // Ended by whoever comes: there may be room for another class.
      await clock.sleep(againInMs, pause.signal).catch(() => {})
    }
    serving = false
  }

  /** @returns how long nobody who waits now need ask again, ms; 0 when one of them was let out */
  const serveOne = async (): Promise<number> => {
    let againInMs = Number.POSITIVE_INFINITY
    for (const workClass of line.classes()) {
      const allowed = await allowance.take(workClass)
      if (!allowed.ok) {
        againInMs = Math.min(againInMs, allowed.againInMs)
        continue
      }
      const next = line.next(name => name === workClass)
      if (next) next.waiter.admit(allowed.giveBack)
      else allowed.giveBack()
      return 0
    }
    return Math.max(1, againInMs)
  }

  const wait = (leaving: Leaving): Promise<() => void> => {
    const since = clock.monotonic()
    const admitted = waitInLine(line, leaving, {
      clock,
      beforeDeadlineMs: BEFORE_DEADLINE_MS,
      late: () => overBudget(leaving),
      left: () => waited(leaving.workClass, (clock.monotonic() - since) / 1000),
    })
    pause.abort()
    void serveAll()
    return admitted
  }

  return {
    async enter(leaving) {
      leaving.signal.throwIfAborted()
      if (line.size > 0) return wait(leaving)
      const allowed = await allowance.take(leaving.workClass)
      if (!allowed.ok) {
        const { againInMs } = allowed
        const left = leaving.deadlineAt - clock.monotonic()
        // Nobody waits for tomorrow.
        if (againInMs > Math.max(left, LONGEST_WINDOW_MS)) throw overBudget(leaving, againInMs)
        return wait(leaving)
      }
      waited(leaving.workClass, 0)
      return allowed.giveBack
    },
    async close() {
      closing.abort()
      pause.abort()
      await allowance.close()
    },
  }
}

/** Sends one request when the gate lets it. @throws as `enter`, or what `send` throws */
export async function throughGate<T>(
  gate: Gate,
  leaving: Leaving,
  send: () => Promise<T>,
): Promise<T> {
  const leave = await gate.enter(leaving)
  try {
    return await send()
  } finally {
    leave()
  }
}

const overBudget = ({ connection, call }: Attempt, againInMs = 0): unknown =>
  failure(
    'busy',
    'the budget is used up',
    { connection, call },
    {
      proxyError: 'connection_limit_reached',
      retryAfterSeconds: Math.max(1, Math.ceil(againInMs / 1000)),
    },
  )
