import { prefixedId } from '../../kernel/ids.ts'
import type { LocationId } from '../../model/brand.ts'
import type { HoldReason, Order } from '../../model/order.ts'
import type { Allocation, Reservation } from '../../model/reservation.ts'
import type { Snapshot } from '../../ports/stock-ledger.ts'
import type { Tx } from '../../ports/store.ts'
import { commitReservation } from '../inventory/reservations/change-reservation.ts'
import { reserve } from '../inventory/reservations/reserve.ts'
import type { Occasion } from '../occasion.ts'
import { type OrderNews, tellOrder } from './order-events.ts'
import type { OrderRequest } from './order-request.ts'
import { postedPrices } from './posted-prices.ts'
import { type OrderPlace, releaseOrder } from './release-order.ts'

export type AcceptContext = Occasion & {
  readonly consumer: string
  readonly payloadHash: string
  readonly document: Readonly<Record<string, unknown>>
  readonly policyRevision: string
  readonly pool: readonly LocationId[]
  readonly bufferMicros: bigint
  /** What ERPs have just said of the stock in question. */
  readonly snapshots: readonly Snapshot[]
  erpAt(location: LocationId): OrderPlace | undefined
}

export type AcceptResult =
  | { readonly outcome: 'accepted' | 'known'; readonly order: Order }
  | { readonly outcome: 'changed' }

/**
 * Accepts an order: durably, with its stock and with what the ERPs are to be told, in one transaction. The
 * channel's number is taken first, so that the same order twice, however it comes, is one.
 *
 * An order whose stock is not there any more is accepted and held: somebody may have paid for it.
 */
export async function acceptOrder(
  tx: Tx,
  request: OrderRequest,
  context: AcceptContext,
): Promise<AcceptResult> {
  const { now, consumer, payloadHash, document, policyRevision } = context
  const draft: Order = {
    id: prefixedId('ord'),
    consumer,
    channel: request.channel,
    channelOrderId: request.channelOrderId,
    payloadHash,
    document,
    lifecycle: 'RECEIVED',
    reservationId: undefined,
    createdAt: now,
    updatedAt: now,
    version: 0,
    policyRevision,
    lines: request.lines.map(({ lineId, sku, quantity }) => ({
      lineId,
      sku,
      uom: quantity.uom,
      ordered: quantity.micros,
      shipped: 0n,
      cancelled: 0n,
    })),
    holds: [],
  }
  if (!(await tx.orders.insert(draft))) {
    const known = await tx.orders.findByChannel(request.channel, request.channelOrderId)
    return known?.payloadHash === payloadHash && known.consumer === consumer
      ? { outcome: 'known', order: known }
      : { outcome: 'changed' }
  }
  const reservation = await stockFor(tx, draft.id, request, context)
  const holds: (readonly [HoldReason, string])[] = [
    ...(reservation ? [] : [['STOCK_SHORT', 'not all lines could be reserved'] as const]),
    ...(request.paymentPending ? [['PAYMENT_PENDING', 'no payment is authorized'] as const] : []),
  ]
  for (const [reason, detail] of holds) await tx.orders.openHold(draft.id, reason, detail, now)
  const news: OrderNews[] = [{ type: 'order.received', data: {} }]
  if (holds.length) {
    news.push({ type: 'order.held', data: { reasons: holds.map(([reason]) => reason) } })
  } else {
    const connections = await releaseOrder(
      tx,
      draft,
      reservation?.allocations ?? [],
      postedPrices(request),
      context,
    )
    news.push(
      { type: 'order.accepted', data: {} },
      { type: 'order.released', data: { connections } },
    )
  }
  const change = {
    lifecycle: holds.length ? ('ON_HOLD' as const) : ('RELEASED' as const),
    version: await tellOrder(tx, draft, news, context),
    ...(reservation && { reservationId: reservation.id }),
  }
  await tx.orders.update(draft.id, change, now)
  const opened = holds.map(([reason, detail]) => ({
    ...{ reason, detail, openedAt: now },
    closedAt: undefined,
  }))
  return { outcome: 'accepted', order: { ...draft, ...change, holds: opened } }
}

/**
 * Takes the stock of an order: what was held for it, or what there is now.
 *
 * @returns whose allocations are the order's now; undefined when it is short
 */
export async function stockFor(
  tx: Tx,
  orderId: string,
  request: OrderRequest,
  context: AcceptContext,
): Promise<Reservation | undefined> {
  const { now, correlationId, consumer, pool, bufferMicros, snapshots } = context
  if (request.reservationId !== undefined) {
    const held = await tx.reservations.find(request.reservationId, { lock: true })
    const isFitting = held?.consumer === consumer && covers(held.allocations, request)
    if (held && isFitting && (await commitReservation(tx, held, orderId, context))) return held
  }
  const result = await reserve(
    tx,
    {
      consumer,
      channel: request.channel,
      owner: { type: 'ORDER', id: orderId },
      lines: request.lines.map(({ lineId, sku, quantity, location }) => ({
        lineId,
        sku,
        quantity: quantity.micros,
        uom: quantity.uom,
        ...(location && { location }),
      })),
      pool,
      bufferMicros,
      ttlSeconds: 60,
      allowPartial: false,
      correlationId,
    },
    snapshots,
    now,
  )
  if (!result.ok) return undefined
  const { reservation } = result
  await commitReservation(tx, reservation, orderId, { ...context, locked: true })
  return reservation
}

/** A hold is an order's when its lines are the order's lines, no more and no less. */
function covers(allocations: readonly Allocation[], { lines }: OrderRequest): boolean {
  const held = new Map<string, bigint>()
  for (const { lineId, sku, uom, quantity } of allocations) {
    const key = JSON.stringify([lineId, sku, uom])
    held.set(key, (held.get(key) ?? 0n) + quantity)
  }
  return (
    held.size === lines.length &&
    lines.every(
      ({ lineId, sku, quantity }) =>
        held.get(JSON.stringify([lineId, sku, quantity.uom])) === quantity.micros,
    )
  )
}
