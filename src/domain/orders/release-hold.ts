import type { Order } from '../../model/order.ts'
import type { Tx } from '../../ports/store.ts'
import { type AcceptContext, stockFor } from './accept-order.ts'
import { type OrderNews, tellOrder } from './order-events.ts'
import type { OrderRequest } from './order-request.ts'
import { postedPrices } from './posted-prices.ts'
import { releaseOrder } from './release-order.ts'
import { releasePosting } from './repair-posting.ts'

/**
 * Lets a held order go on, by an operator's word: its stock is looked for again, and the ERPs are told.
 *
 * @param order locked
 * @returns `short` when there still is not enough stock: it stays held
 */
export async function releaseHold(
  tx: Tx,
  order: Order,
  request: OrderRequest,
  reason: string,
  context: AcceptContext,
): Promise<'released' | 'short' | 'not-held'> {
  if (order.lifecycle !== 'ON_HOLD') return 'not-held'
  const { now } = context
  const reservation =
    order.reservationId === undefined
      ? await stockFor(tx, order.id, request, context)
      : await tx.reservations.find(order.reservationId)
  if (!reservation) return 'short'
  // An order is divided among the ERPs once: what one of them was told is told it again, under the same reference.
  const told = (await tx.postings.ofOrder(order.id)).filter(({ kind }) => kind === 'create')
  for (const posting of told) await releasePosting(tx, posting, reason, context)
  const connections = told.length
    ? told.map(({ connection }) => connection)
    : await releaseOrder(tx, order, reservation.allocations, postedPrices(request), context)
  await tx.orders.closeHolds(order.id, now)
  const news: OrderNews[] = [
    { type: 'order.accepted', data: { reason } },
    { type: 'order.released', data: { connections } },
  ]
  const current = (await tx.orders.find(order.id)) ?? order
  const version = await tellOrder(tx, current, news, context)
  const change = { lifecycle: 'RELEASED' as const, version, reservationId: reservation.id }
  await tx.orders.update(order.id, change, now)
  return 'released'
}
