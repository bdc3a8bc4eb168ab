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
  let sequence = order.version
  for (const { type, data } of news) {
    sequence++
    await tx.events.append({
      type,
      aggregate: { type: 'order', id: order.id, sequence },
      occurredAt: now,
      correlationId,
      consumer: order.consumer,
      data: {
        orderId: order.id,
        channel: order.channel,
        channelOrderId: order.channelOrderId,
        ...data,
      },
    })
  }
  return sequence
}
