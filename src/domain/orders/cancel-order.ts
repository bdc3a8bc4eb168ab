import { prefixedId } from '../../kernel/ids.ts'
import { Problem } from '../../kernel/problems.ts'
import type { Order, OrderErpPosting } from '../../model/order.ts'
import type { Tx } from '../../ports/store.ts'
import { endReservation } from '../inventory/reservations/end-reservation.ts'
import type { Occasion } from '../occasion.ts'
import { tellOrder } from './order-events.ts'
import { mayBecome } from './statuses.ts'

/**
 * Cancels a locked order: at once where no ERP can know of it, else by asking those that may.
 *
 * @returns whether it is cancelled; otherwise the ERPs are being asked
 * @throws Problem `order-not-cancellable`
 */
export async function cancelOrder(
  tx: Tx,
  order: Order,
  reason: string,
  occasion: Occasion,
): Promise<boolean> {
  if (order.lifecycle === 'CANCELLED') return true
  if (!mayBecome(order, 'CANCELLED')) {
    throw new Problem('order-not-cancellable', { detail: `The order is ${order.lifecycle}.` })
  }
  const postings = await tx.postings.ofOrder(order.id)
  // Locked, so that no attempt begins while we decide.
  const creations: OrderErpPosting[] = []
  for (const { id } of postings) {
    const locked = await tx.postings.find(id, { lock: true })
    if (locked?.kind === 'create') creations.push(locked)
  }
  const known = creations.filter(mayBeKnown)
  for (const { id, state } of creations) {
    const isFresh = state === 'PENDING' && !known.some(posting => posting.id === id)
    if (isFresh) await tx.postings.update(id, { state: 'DROPPED' }, occasion.now)
  }
  if (known.length === 0) {
    await cancelEverything(tx, order, reason, occasion)
    return true
  }
  for (const { connection, reference, payload } of known) {
    const posting = {
      id: prefixedId('pst'),
      orderId: order.id,
      connection,
      kind: 'cancel' as const,
      reference,
      payload,
      createdAt: occasion.now,
    }
    if (await tx.postings.insert(posting)) await tx.jobs.post(posting)
  }
  const news = { type: 'order.cancel-requested', data: { reason } }
  await tx.orders.update(
    order.id,
    { version: await tellOrder(tx, order, [news], occasion) },
    occasion.now,
  )
  return false
}

/** An attempt has been made, or is being made: the ERP may have it, whatever we heard. */
const mayBeKnown = ({ state, attempts }: OrderErpPosting): boolean =>
  state === 'CONFIRMED' ||
  state === 'SENDING' ||
  state === 'UNKNOWN' ||
  (state === 'DEAD' && attempts > 0) ||
  (state === 'PENDING' && attempts > 0)

/** Ends a locked order that no ERP has, or has any more: its stock goes back. */
export async function cancelEverything(
  tx: Tx,
  order: Order,
  reason: string,
  occasion: Occasion,
): Promise<void> {
  if (!mayBecome(order, 'CANCELLED')) return
  const { now } = occasion
  for (const { lineId, ordered, shipped, cancelled } of order.lines) {
    const open = ordered - shipped - cancelled
    if (open > 0n) await tx.orders.count(order.id, { lineId, shipped: 0n, cancelled: open })
  }
  if (order.reservationId) {
    const reservation = await tx.reservations.find(order.reservationId, { lock: true })
    if (reservation?.state === 'COMMITTED' || reservation?.state === 'HELD') {
      await endReservation(tx, reservation, 'RELEASED', occasion)
    }
  }
  await tx.orders.closeHolds(order.id, now)
  const news = { type: 'order.cancelled', data: { reason } }
  const version = await tellOrder(tx, order, [news], occasion)
  await tx.orders.update(order.id, { lifecycle: 'CANCELLED', version }, now)
}
