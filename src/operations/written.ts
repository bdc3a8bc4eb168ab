import type { Admitted } from '../gateway/exchange.ts'
import type { Reply } from '../gateway/reply.ts'
import type { Store, Tx } from '../ports/store.ts'

/**
 * Carries out a call in one transaction, its answer kept in the same one where the call has an
 * Idempotency-Key: either both have happened, or neither.
 */
export const written = (
  exchange: Admitted,
  store: Store,
  work: (tx: Tx) => Promise<Reply>,
): Promise<Reply> =>
  store.write(async tx => {
    const reply = await work(tx)
    await exchange.keep?.(tx.idempotency, reply)
    return reply
  })
