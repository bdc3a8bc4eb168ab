import { expireOverdue } from '../domain/inventory/reservations/expire.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Store } from '../ports/store.ts'

/** A hold that ran out is back on sale this soon, without anybody's asking for it. */
const EVERY_MS = 1_000
const FULL_BATCH = 50

/** Ends overdue holds, as long as the process runs. Several processes share the work: none waits for another's. */
export function expireHolds(
  store: Store,
  { clock, logger }: { clock: Clock; logger: Logger },
): { close(): Promise<void> } {
  const stopping = new AbortController()
  const working = (async () => {
    while (!stopping.signal.aborted) {
      await clock.sleep(EVERY_MS, stopping.signal)
      try {
        while ((await expireOverdue(store, clock.now())) >= FULL_BATCH);
      } catch (error) {
        logger.warn({ error }, 'overdue reservations cannot be ended; it is tried again')
      }
    }
  })().catch(error => {
    if (!stopping.signal.aborted) throw error
  })
  return {
    async close() {
      stopping.abort(new DOMException('expiry ends', 'AbortError'))
      await working
    },
  }
}
