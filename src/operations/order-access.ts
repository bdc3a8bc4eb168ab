import type { Admitted } from '../gateway/exchange.ts'
import { Problem } from '../kernel/problems.ts'
import type { Order } from '../model/order.ts'
import type { Tx } from '../ports/store.ts'

/** Whose orders the caller may see and cancel: its own, or, with the scope for it, anybody's. */
export const ordersOf = (exchange: Admitted): string | undefined =>
  exchange.trait('scope:orders:all') === 'yes' ? undefined : exchange.trait('consumer')

/**
 * Finds an order for a caller. Another's is not there.
 *
 * @throws Problem `not-found`
 */
export async function findOrder(
  tx: Tx,
  exchange: Admitted,
  id: string,
  options?: { lock: boolean },
): Promise<Order> {
  const [found, owner] = [await tx.orders.find(id, options), ordersOf(exchange)]
  if (!found || (owner !== undefined && found.consumer !== owner)) throw new Problem('not-found')
  return found
}
