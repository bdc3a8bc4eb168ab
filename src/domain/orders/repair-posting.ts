import type { ErpPosting } from '../../model/order.ts'
import type { Tx } from '../../ports/store.ts'
import { type Occasion, tellOrder } from './order-events.ts'

/**
 * Lets a posting that waits for a person be tried again, from the look-up on, with the same reference.
 *
 * @param reason why, for the order's timeline
 * @returns false when it does not wait for anybody (any more)
 */
export async function releasePosting(
  tx: Tx,
  { id, orderId }: Pick<ErpPosting, 'id' | 'orderId'>,
  reason: string,
  occasion: Occasion,
): Promise<boolean> {
  const order = await tx.orders.find(orderId, { lock: true })
  const posting = await tx.postings.find(id, { lock: true })
  if (!order || !posting || !['DEAD', 'REJECTED'].includes(posting.state)) return false
  // What may have been done is looked up first, as ever.
  await tx.postings.update(id, { state: 'UNKNOWN', failures: 0 }, occasion.now)
  await tx.jobs.post(posting)
  const news = { type: 'order.posting-released', data: { connection: posting.connection, reason } }
  const version = await tellOrder(tx, order, [news], occasion)
  await tx.orders.update(order.id, { version }, occasion.now)
  return true
}
