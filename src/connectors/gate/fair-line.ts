import { OWN_CALLS, type WorkClass } from '../../model/work-class.ts'

/** Those who wait, by work class: each class is served by its weight, and in order within. */
export interface FairLine<T> {
  add(workClass: string, waiter: T): void
  remove(workClass: string, waiter: T): void
  /** Takes out whoever is next, of those classes that `may` be served now. */
  next(
    may: (workClass: string) => boolean,
  ): { readonly workClass: string; readonly waiter: T } | undefined
  /** The classes in which somebody waits, the next one first. */
  classes(): readonly string[]
  readonly size: number
}

type Queue<T> = { readonly waiters: Set<T>; readonly step: number; turn: number }

/**
 * Start-time fair queueing: a class's turn moves on by 1/weight when it is served, and the earliest turn
 * is next. A class that was idle begins at the present turn: it saves nothing up.
 *
 * @see Goyal, Vin, Cheng: Start-time Fair Queuing, SIGCOMM 1996
 */
export function createFairLine<T>(classes: readonly WorkClass[]): FairLine<T> {
  const queues = new Map<string, Queue<T>>()
  for (const { name, weight } of classes) {
    queues.set(name, { waiters: new Set(), step: 1 / weight, turn: 0 })
  }
  queues.set(OWN_CALLS, { waiters: new Set(), step: 0, turn: 0 })
  // A class that the policies do not know of gets the least that any has.
  const least = Math.max(1, ...classes.map(({ weight }) => 1 / weight))
  let present = 0
  let size = 0

  const queueOf = (name: string): Queue<T> => {
    const known = queues.get(name)
    if (known) return known
    const made = { waiters: new Set<T>(), step: least, turn: 0 }
    queues.set(name, made)
    return made
  }
  const inOrder = () =>
    [...queues]
      .filter(([, { waiters }]) => waiters.size > 0)
      .sort(([, a], [, b]) => a.turn - b.turn)

  return {
    get size() {
      return size
    },
    add(name, waiter) {
      const queue = queueOf(name)
      if (queue.waiters.size === 0) queue.turn = Math.max(queue.turn, present)
      queue.waiters.add(waiter)
      size++
    },
    remove(name, waiter) {
      if (queueOf(name).waiters.delete(waiter)) size--
    },
    classes: () => inOrder().map(([name]) => name),
    next(may) {
      for (const [name, queue] of inOrder()) {
        if (!may(name)) continue
        const [first] = queue.waiters
        if (first === undefined) continue
        queue.waiters.delete(first)
        size--
        present = queue.turn
        queue.turn += queue.step
        return { workClass: name, waiter: first }
      }
      return undefined
    },
  }
}
