import type { ErpOrder, Order, OrderErpPosting } from '../../model/order.ts'
import { openQuantity, type Reservation } from '../../model/reservation.ts'
import type { SnapshotMeaning } from '../../model/stock-counter.ts'
import type { Tx } from '../../ports/store.ts'
import { consume } from '../inventory/reservations/consume.ts'
import { giveBack } from '../inventory/reservations/give-back.ts'
import type { Occasion } from '../occasion.ts'
import { cancelEverything } from './cancel-order.ts'
import { type OrderNews, tellOrder } from './order-events.ts'
import { leftOf, shippedTotal } from './shipped-parts.ts'
import { fulfilmentStatus, mayBecome } from './statuses.ts'

/**
 * Takes over what an ERP says of an order that it has. The same news again changes nothing, old news neither;
 * what contradicts what we know is told as an exception, and not refused.
 */
export async function followOrder(
  tx: Tx,
  { id, orderId }: Pick<OrderErpPosting, 'id' | 'orderId'>,
  seen: ErpOrder,
  meaning: SnapshotMeaning,
  occasion: Occasion,
): Promise<void> {
  const order = await tx.orders.find(orderId, { lock: true })
  const posting = await tx.postings.find(id, { lock: true })
  if (!order || posting?.kind !== 'create' || !tellsMore(seen, posting)) return
  const isLater = RANK[seen.state] > RANK[posting.erpState ?? 'OPEN']
  const change = {
    ...(isLater && seen.state !== 'DRAFT' && { erpState: seen.state }),
    erpShipped: shippedTotal(seen),
  }
  await tx.postings.update(posting.id, change, occasion.now)
  if (seen.state === 'CANCELLED') await cancelledThere(tx, order, posting, occasion)
  else await shippedThere(tx, order, { posting, seen, isLater }, meaning, occasion)
}

/** Whether it is news: a later state, or more that has left. */
export const tellsMore = (
  seen: ErpOrder,
  { erpState = 'OPEN', erpShipped }: Pick<OrderErpPosting, 'erpState' | 'erpShipped'>,
): boolean => RANK[seen.state] > RANK[erpState] || shippedTotal(seen) > erpShipped

/** News overtake each other; a state is left for a later one only. */
const RANK = { DRAFT: 0, OPEN: 0, SHIPPED: 1, CANCELLED: 1, INVOICED: 2 } as const

async function cancelledThere(
  tx: Tx,
  order: Order,
  { connection }: Pick<OrderErpPosting, 'connection'>,
  occasion: Occasion,
): Promise<void> {
  if (order.lifecycle === 'CANCELLED') return
  const others = (await tx.postings.ofOrder(order.id)).filter(
    posting => posting.kind === 'create' && posting.erpState !== 'CANCELLED',
  )
  if (mayBecome(order, 'CANCELLED') && others.length === 0) {
    await cancelEverything(tx, order, `cancelled at ${connection}`, occasion)
    return
  }
  await tell(tx, order, [exception('CANCELLED_AT_ERP', connection)], occasion)
}

type Shipping = {
  readonly posting: OrderErpPosting
  readonly seen: ErpOrder
  /** The state is news, too. */
  readonly isLater: boolean
}

async function shippedThere(
  tx: Tx,
  order: Order,
  { posting, seen, isLater }: Shipping,
  meaning: SnapshotMeaning,
  occasion: Occasion,
): Promise<void> {
  const { connection } = posting
  const news: OrderNews[] = []
  if (seen.state === 'INVOICED' && isLater) {
    news.push({ type: 'order.invoiced', data: { connection } })
  }
  if (order.lifecycle === 'CANCELLED') {
    await tell(tx, order, [exception('SHIPPED_AFTER_CANCEL', connection), ...news], occasion)
    return
  }
  const moved = await moveParts(tx, order, { posting, seen, isLater }, meaning, occasion)
  for (const [lineId, { shipped, cancelled }] of moved.byLine) {
    await tx.orders.count(order.id, { lineId, shipped, cancelled })
  }
  const shipped = [...moved.byLine].flatMap(([lineId, line]) => (line.shipped ? [lineId] : []))
  if (moved.isMore) news.unshift(exception('OVER_SHIPPED', connection))
  if (shipped.length) news.unshift({ type: 'order.shipped', data: { connection, lines: shipped } })
  const after = await tx.orders.find(order.id)
  const isDone = after && fulfilmentStatus(after.lines) === 'FULFILLED'
  const lifecycle = isDone ? 'FULFILLED' : 'IN_FULFILMENT'
  const moves = moved.byLine.size > 0 && order.lifecycle !== lifecycle
  if (moves && isDone) news.push({ type: 'order.fulfilled', data: {} })
  const version = await tellOrder(tx, order, news, occasion)
  await tx.orders.update(order.id, { version, ...(moves && { lifecycle }) }, occasion.now)
}

/**
 * Takes what has left out of the stock, and gives back what never will: each part of the order that this ERP
 * was given, up to what it says in all.
 */
async function moveParts(
  tx: Tx,
  { reservationId }: Order,
  { posting, seen }: Shipping,
  meaning: SnapshotMeaning,
  occasion: Occasion,
) {
  const byLine = new Map<string, { shipped: bigint; cancelled: bigint }>()
  if (reservationId === undefined) return { byLine, isMore: false }
  const find = () => tx.reservations.find(reservationId, { lock: true })
  let reservation = await find()
  const { parts, isMore } = leftOf(partsOf(reservation, posting), seen)
  const ack = {
    seq: meaning.changeSequence === 'NATIVE' ? seen.seq : undefined,
    at: occasion.now,
  }
  const counted = (lineId: string) => {
    const line = byLine.get(lineId) ?? { shipped: 0n, cancelled: 0n }
    byLine.set(lineId, line)
    return line
  }
  for (const { part, quantity, rest } of parts) {
    if (!reservation) break
    const upTo = part.consumed + quantity
    const movement = {
      part,
      quantity,
      source: `erp:${posting.connection}`,
      sourceId: `${posting.reference}/${part.lineId}/${part.location}/${upTo}`,
      kind: 'SHIPMENT',
      occurredAt: new Date(occasion.now).toISOString(),
      ack,
    }
    if (quantity && (await consume(tx, reservation, movement, meaning, occasion))) {
      counted(part.lineId).shipped += quantity
      reservation = await find()
    }
    if (rest && reservation) {
      await giveBack(tx, reservation, { part, quantity: rest }, occasion)
      counted(part.lineId).cancelled += rest
      reservation = await find()
    }
  }
  return { byLine, isMore }
}

/** What this ERP was given of a reservation and still has to ship. */
const partsOf = (reservation: Reservation | undefined, { payload }: OrderErpPosting) =>
  (reservation?.allocations ?? []).filter(
    part =>
      openQuantity(part) + part.consumed > 0n &&
      payload.lines.some(
        ({ lineId, location }) => lineId === part.lineId && location === part.location,
      ),
  )

const exception = (kind: string, connection: string): OrderNews => ({
  type: 'order.exception',
  data: { kind, connection },
})

async function tell(tx: Tx, order: Order, news: readonly OrderNews[], occasion: Occasion) {
  await tx.orders.update(
    order.id,
    { version: await tellOrder(tx, order, news, occasion) },
    occasion.now,
  )
}
