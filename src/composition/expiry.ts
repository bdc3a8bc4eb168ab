import { expireOverdue } from '../domain/inventory/reservations/expire.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Store } from '../ports/store.ts'

type ExpiryDeps = { readonly clock: Clock; readonly logger: Logger }

/** A hold that ran out is back on sale this soon, without anybody's asking for it. */
const HOLDS_EVERY_MS = 1_000
const FULL_BATCH = 50

/** A tablet that was offline for a week may ask again with its key; after that its order's own number still tells. */
const ANSWERS_KEPT_MS = 7 * 86_400_000
const ANSWERS_EVERY_MS = 60_000
const ANSWERS_AT_ONCE = 1_000

/** Ends overdue holds, as long as the process runs. Several processes share the work: none waits for another's. */
export const expireHolds = (store: Store, deps: ExpiryDeps): { close(): Promise<void> } =>
  repeatedly(
    HOLDS_EVERY_MS,
    'overdue reservations cannot be ended; it is tried again',
    deps,
    async () => {
      while ((await expireOverdue(store, deps.clock.now())) >= FULL_BATCH);
    },
  )

/** Forgets kept answers when nobody asks for them any more. */
export const forgetAnswers = (store: Store, deps: ExpiryDeps): { close(): Promise<void> } =>
  repeatedly(
    ANSWERS_EVERY_MS,
    'old answers cannot be removed; it is tried again',
    deps,
    async () => {
      const before = deps.clock.now() - ANSWERS_KEPT_MS
      const some = () => store.write(tx => tx.idempotency.forget(before, ANSWERS_AT_ONCE))
      while ((await some()) >= ANSWERS_AT_ONCE);
    },
  )

/** Does something now and then until it is closed; what fails is done the next time. */
function repeatedly(
  everyMs: number,
  complaint: string,
  { clock, logger }: ExpiryDeps,
  work: () => Promise<void>,
): { close(): Promise<void> } {
  const stopping = new AbortController()
  const working = (async () => {
    while (!stopping.signal.aborted) {
      await clock.sleep(everyMs, stopping.signal)
      await work().catch(error => logger.warn({ error }, complaint))
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
