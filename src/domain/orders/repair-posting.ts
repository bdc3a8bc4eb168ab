import type { ErpPosting } from '../../model/order.ts'
import type { Tx } from '../../ports/store.ts'
import type { Occasion } from '../occasion.ts'
import { tellOrder } from './order-events.ts'

/**
 * Lets a posting that waits for a person be tried again, from the look-up on, with the same reference.
 *
 * @param reason why, for the order's timeline
 * @param payload what is sent instead, should the ERP not have it yet
 * @returns false when it does not wait for anybody (any more)
 */
export async function releasePosting(
  tx: Tx,
  { id, orderId }: Pick<ErpPosting, 'id' | 'orderId'>,
  reason: string,
  occasion: Occasion,
  payload?: ErpPosting['payload'],
): Promise<boolean> {
  const order = orderId && (await tx.orders.find(orderId, { lock: true }))
  const posting = await tx.postings.find(id, { lock: true })
  if (!posting || !['DEAD', 'REJECTED'].includes(posting.state)) return false
  // What may have been done is looked up first, as ever.
  const change = { state: 'UNKNOWN' as const, failures: 0, ...(payload && { payload }) }
  await tx.postings.update(id, change, occasion.now)
  await tx.jobs.post(posting)
  if (!order) return true
  const { connection } = posting
  const news = {
    type: 'order.posting-released',
    data: { connection, reason, ...(payload && { edited: true }) },
  }
  const version = await tellOrder(tx, order, [news], occasion)
  await tx.orders.update(order.id, { version }, occasion.now)
  return true
}
