import type { Clock } from '../../kernel/clock.ts'
import { leavesReserves, reservesOf, type WorkClass } from '../../model/work-class.ts'
import type { ErpCall } from '../../ports/erp.ts'
import { createFairLine } from '../gate/fair-line.ts'
import { type Waiter, waitInLine } from '../gate/wait-in-line.ts'

/** Lets so many in at a time; the others wait, work classes by their weights, as long as their call allows. */
export interface WaitingRoom {
  /**
   * Waits for a place. The caller gives it back by calling the result, once.
   *
   * @throws the signal's reason when it ends while waiting
   * @throws NoRoom when nobody else may wait, or no place has come free in time
   */
  enter(call: Pick<ErpCall, 'signal' | 'deadlineAt' | 'workClass'>): Promise<() => void>
  readonly inside: number
  readonly waiting: number
}

export class NoRoom extends Error {
  override name = 'NoRoom'
}

export type WaitingRoomSettings = {
  /** How many may be in at a time. */
  readonly places: number
  /** How many may wait. */
  readonly seats: number
  readonly classes: readonly WorkClass[]
  readonly clock: Clock
  /** Told whenever either number changes. */
  changed(inside: number, waiting: number): void
}

/** Who gets a place so shortly before the deadline, ms, has no use for it. */
const BEFORE_DEADLINE_MS = 20

export function createWaitingRoom({
  places,
  seats,
  classes,
  clock,
  changed,
}: WaitingRoomSettings): WaitingRoom {
  const line = createFairLine<Waiter>(classes)
  const reserves = reservesOf(classes, places)
  const inside = new Map<string, number>()
  let total = 0

  const mayEnter = (workClass: string): boolean =>
    leavesReserves(workClass, places, reserves, inside)

  const take = (workClass: string): (() => void) => {
    count(workClass, 1)
    let left = false
    return () => {
      if (left) return
      left = true
      count(workClass, -1)
      for (;;) {
        const next = line.next(mayEnter)
        if (!next) break
        next.waiter.admit(take(next.workClass))
      }
      changed(total, line.size)
    }
  }
  const count = (workClass: string, calls: number): void => {
    inside.set(workClass, (inside.get(workClass) ?? 0) + calls)
    total += calls
  }

  return {
    get inside() {
      return total
    },
    get waiting() {
      return line.size
    },
    enter(call) {
      const { signal, workClass } = call
      if (signal.aborted) return Promise.reject(signal.reason)
      if (mayEnter(workClass)) {
        const leave = take(workClass)
        changed(total, line.size)
        return Promise.resolve(leave)
      }
      if (line.size >= seats) return Promise.reject(new NoRoom('too many calls are waiting'))
      const admitted = waitInLine(line, call, {
        clock,
        beforeDeadlineMs: BEFORE_DEADLINE_MS,
        late: () => new NoRoom('no call ended in time'),
        left: () => changed(total, line.size),
      })
      changed(total, line.size)
      return admitted
    },
  }
}
