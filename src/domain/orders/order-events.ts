import type { Order } from '../../model/order.ts'
import type { Tx } from '../../ports/store.ts'
import type { Occasion } from '../occasion.ts'

export type OrderNews = { readonly type: string; readonly data: Readonly<Record<string, unknown>> }

/**
 * Tells what happened to an order, each with the next number of its sequence.
 *
 * @param order as it was before the news
 * @returns its version after them
 */
export async function tellOrder(
  tx: Tx,
  order: Pick<Order, 'id' | 'consumer' | 'version' | 'channel' | 'channelOrderId'>,
  news: readonly OrderNews[],
  { now, correlationId }: Occasion,
): Promise<number> {
  const { id, consumer, version, channel, channelOrderId } = order
  const events = news.map(({ type, data }, i) => ({
    type,
    aggregate: { type: 'order' as const, id, sequence: version + i + 1 },
    occurredAt: now,
    correlationId,
    consumer,
    data: { orderId: id, channel, channelOrderId, ...data },
  }))
  if (events.length) await tx.events.append(...events)
  return version + events.length
}
