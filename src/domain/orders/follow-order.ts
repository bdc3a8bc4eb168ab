import type { ErpOrder, ErpPosting, Order } from '../../model/order.ts'
import { openQuantity } from '../../model/reservation.ts'
import type { Tx } from '../../ports/store.ts'
import { consume } from '../inventory/reservations/consume.ts'
import { cancelEverything } from './cancel-order.ts'
import { type Occasion, type OrderNews, tellOrder } from './order-events.ts'
import type { OrderErp } from './post-order.ts'
import { fulfilmentStatus, mayBecome } from './statuses.ts'

/**
 * Takes over what an ERP says of an order that it has. The same news again changes nothing, old news neither;
 * what contradicts what we know is told as an exception, and not refused.
 */
export async function followOrder(
  tx: Tx,
  posting: Pick<ErpPosting, 'id' | 'orderId' | 'connection' | 'payload'>,
  seen: ErpOrder,
  meaning: Pick<OrderErp, 'quantitySemantics' | 'changeSequence'>,
  occasion: Occasion,
): Promise<void> {
  const order = await tx.orders.find(posting.orderId, { lock: true })
  const current = await tx.postings.find(posting.id, { lock: true })
  if (!order || !current || current.erpState === seen.state) return
  if (RANK[seen.state] <= RANK[current.erpState ?? 'OPEN']) return
  await tx.postings.update(posting.id, { erpState: seen.state }, occasion.now)
  if (seen.state === 'CANCELLED') await cancelledThere(tx, order, posting, occasion)
  else await shippedThere(tx, order, current, seen, meaning, occasion)
}

/** News overtake each other; a state is left for a later one only. */
const RANK = { OPEN: 0, SHIPPED: 1, CANCELLED: 1, INVOICED: 2 } as const

async function cancelledThere(
  tx: Tx,
  order: Order,
  { connection }: Pick<ErpPosting, 'connection'>,
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

async function shippedThere(
  tx: Tx,
  order: Order,
  { connection, payload, erpNumber }: ErpPosting,
  seen: ErpOrder,
  meaning: Pick<OrderErp, 'quantitySemantics' | 'changeSequence'>,
  occasion: Occasion,
): Promise<void> {
  const news: OrderNews[] = []
  if (seen.state === 'INVOICED') news.push({ type: 'order.invoiced', data: { connection } })
  if (order.lifecycle === 'CANCELLED') {
    await tell(tx, order, [exception('SHIPPED_AFTER_CANCEL', connection), ...news], occasion)
    return
  }
  const places = new Set<string>(payload.lines.map(({ location }) => location))
  const shipped = new Map<string, bigint>()
  if (order.reservationId) {
    let reservation = await tx.reservations.find(order.reservationId, { lock: true })
    for (const part of reservation?.allocations ?? []) {
      const quantity = openQuantity(part)
      if (!reservation || !places.has(part.location) || quantity === 0n) continue
      const isNew = await consume(
        tx,
        reservation,
        {
          part,
          quantity,
          source: `erp:${connection}`,
          sourceId: `${erpNumber ?? seen.number}/${part.lineId}/${part.location}`,
          kind: 'SHIPMENT',
          occurredAt: new Date(occasion.now).toISOString(),
          ack: {
            seq: meaning.changeSequence === 'NATIVE' ? seen.seq : undefined,
            at: occasion.now,
          },
        },
        meaning,
        occasion,
      )
      if (isNew) shipped.set(part.lineId, (shipped.get(part.lineId) ?? 0n) + quantity)
      reservation = await tx.reservations.find(order.reservationId, { lock: true })
    }
  }
  for (const [lineId, quantity] of shipped) {
    await tx.orders.count(order.id, { lineId, shipped: quantity, cancelled: 0n })
  }
  if (shipped.size)
    news.unshift({ type: 'order.shipped', data: { connection, lines: [...shipped.keys()] } })
  const after = await tx.orders.find(order.id)
  const isDone = after && fulfilmentStatus(after.lines) === 'FULFILLED'
  const lifecycle = isDone ? 'FULFILLED' : 'IN_FULFILMENT'
  const moves = shipped.size > 0 && order.lifecycle !== lifecycle
  if (moves && isDone) news.push({ type: 'order.fulfilled', data: {} })
  const version = await tellOrder(tx, order, news, occasion)
  await tx.orders.update(order.id, { version, ...(moves && { lifecycle }) }, occasion.now)
}

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
