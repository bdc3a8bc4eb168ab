import { fulfilmentStatus } from '../domain/orders/statuses.ts'
import type { components } from '../model/generated/orders-v1.ts'
import type { ErpPosting, Order } from '../model/order.ts'
import { toWireQuantity } from '../model/quantity.ts'
import { instantText } from './instant.ts'

type Wire = components['schemas']

/** An order as orders v1 words it. */
export function orderBody(order: Order, postings: readonly ErpPosting[]): Wire['Order'] {
  const sent = order.document as Wire['OrderRequest']
  return {
    id: order.id,
    channelId: order.channel,
    channelOrderId: order.channelOrderId,
    lifecycle: order.lifecycle,
    fulfilmentStatus: fulfilmentStatus(order.lines),
    placedAt: sent.placedAt,
    currency: sent.currency,
    totals: sent.totals,
    lines: order.lines.map(({ lineId, sku, uom, ordered, shipped, cancelled }) => ({
      lineId,
      sku,
      ordered: toWireQuantity({ micros: ordered, uom }),
      shipped: toWireQuantity({ micros: shipped, uom }),
      cancelled: toWireQuantity({ micros: cancelled, uom }),
    })),
    holds: order.holds
      .filter(({ closedAt }) => closedAt === undefined)
      .map(({ reason, openedAt }) => ({ reason, since: instantText(openedAt) })),
    erpSync: postings
      .filter(({ kind }) => kind === 'create')
      .map(({ connection, state, erpNumber, erpState }) => ({
        connection,
        state,
        ...(erpNumber !== undefined && { erpDocumentNumber: erpNumber }),
        ...(erpState !== undefined && { erpState }),
      })),
    ...(order.reservationId !== undefined && { reservationId: order.reservationId }),
    version: order.version,
    createdAt: instantText(order.createdAt),
    updatedAt: instantText(order.updatedAt),
  }
}
