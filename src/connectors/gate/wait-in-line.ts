import type { Clock } from '../../kernel/clock.ts'
import type { ErpCall } from '../../ports/erp.ts'
import type { FairLine } from './fair-line.ts'

/** What a timer can count; a call without a deadline waits as long as that. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Somebody in a line, who is called up once. */
export type Waiter = { admit(leave: () => void): void }

export type WaitSettings = {
  readonly clock: Clock
  /** Called up so shortly before its deadline, ms, a call has no use for it: it is sent away instead. */
  readonly beforeDeadlineMs: number
  /** What a call is sent away with. */
  late(): unknown
  /** Told when the call has left the line, one way or the other. */
  left(): void
}

/**
 * Stands in line for a call until somebody admits it.
 *
 * @returns what it was admitted with, to be called when it has ended
 * @throws the signal's reason, or `late()`
 */
export function waitInLine(
  line: FairLine<Waiter>,
  { signal, deadlineAt, workClass }: Pick<ErpCall, 'signal' | 'deadlineAt' | 'workClass'>,
  { clock, beforeDeadlineMs, late, left }: WaitSettings,
): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const over = new AbortController()
    const end = () => {
      line.remove(workClass, waiter)
      signal.removeEventListener('abort', onAbort)
      over.abort()
      left()
    }
    const onAbort = () => {
      end()
      reject(signal.reason)
    }
    const waiter: Waiter = {
      admit(leave) {
        end()
        resolve(leave)
      },
    }
    const leftMs = deadlineAt - clock.monotonic() - beforeDeadlineMs
    const inTimeFor = Math.min(LONGEST_TIMER_MS, Math.max(0, leftMs))
    signal.addEventListener('abort', onAbort, { once: true })
    line.add(workClass, waiter)
    clock.sleep(inTimeFor, over.signal).then(
      () => {
        end()
        reject(late())
      },
      () => {},
    )
  })
}
