/** Lets so many in at a time; the others wait in order, as long as their signal allows. */
export interface WaitingRoom {
  /**
   * Waits for a place. The caller gives it back by calling the result, once.
   *
   * @throws the signal's reason when it ends while waiting
   * @throws RoomFull at once when nobody else may wait
   */
  enter(signal: AbortSignal): Promise<() => void>
  readonly inside: number
  readonly waiting: number
}

export class RoomFull extends Error {
  override name = 'RoomFull'
}

type Waiter = { readonly admit: () => void }

/**
 * @param places  how many may be in at a time
 * @param seats   how many may wait
 * @param changed told whenever either number changes
 */
export function createWaitingRoom(
  places: number,
  seats: number,
  changed: (inside: number, waiting: number) => void,
): WaitingRoom {
  const queue = new Set<Waiter>()
  let inside = 0
  const leaveOnce = () => {
    let left = false
    return () => {
      if (left) return
      left = true
      const [next] = queue
      if (next) {
        // The place goes straight to the next one: nobody can slip in between.
        queue.delete(next)
        next.admit()
      } else {
        inside--
      }
      changed(inside, queue.size)
    }
  }
  return {
    get inside() {
      return inside
    },
    get waiting() {
      return queue.size
    },
    enter(signal) {
      if (signal.aborted) return Promise.reject(signal.reason)
      if (inside < places) {
        inside++
        changed(inside, queue.size)
        return Promise.resolve(leaveOnce())
      }
      if (queue.size >= seats) return Promise.reject(new RoomFull())
      return new Promise((resolve, reject) => {
        const giveUp = () => {
          queue.delete(waiter)
          changed(inside, queue.size)
          reject(signal.reason)
        }
        const waiter: Waiter = {
          admit: () => {
            signal.removeEventListener('abort', giveUp)
            resolve(leaveOnce())
          },
        }
        signal.addEventListener('abort', giveUp, { once: true })
        queue.add(waiter)
        changed(inside, queue.size)
      })
    },
  }
}
