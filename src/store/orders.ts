import { asChannelId, asSku } from '../model/brand.ts'
import type { HoldReason, Order, OrderLifecycle } from '../model/order.ts'
import type { Orders } from '../ports/orders.ts'
import type { Queries } from './database.ts'

/** Orders in SQL, within one transaction. */
export function createOrders(tx: Queries): Orders {
  return {
    insert: order => insert(tx, order),
    async find(id, options) {
      const [found] = await select(tx, `where id = $1 ${options?.lock ? 'for update' : ''}`, [id])
      return found
    },
    async findByChannel(channel, channelOrderId) {
      const [found] = await select(tx, 'where channel = $1 and channel_order_id = $2', [
        channel,
        channelOrderId,
      ])
      return found
    },
    async update(id, { lifecycle, reservationId, version }, now) {
      await tx.query(
        `update customer_order
            set lifecycle = coalesce($2, lifecycle), reservation_id = coalesce($3, reservation_id),
                updated_at = $4, version = $5
          where id = $1`,
        [id, lifecycle ?? null, reservationId ?? null, now, version],
      )
    },
    async openHold(id, reason, detail, now) {
      await tx.query(
        'insert into order_hold (order_id, reason, detail, opened_at) values ($1, $2, $3, $4)',
        [id, reason, detail, now],
      )
    },
    async closeHolds(id, now) {
      await tx.query(
        'update order_hold set closed_at = $2 where order_id = $1 and closed_at is null',
        [id, now],
      )
    },
    async count(id, { lineId, shipped, cancelled }) {
      await tx.query(
        `update order_line set shipped = shipped + $3::bigint, cancelled = cancelled + $4::bigint
          where order_id = $1 and line_id = $2`,
        [id, lineId, String(shipped), String(cancelled)],
      )
    },
  }
}

async function insert(tx: Queries, order: Order): Promise<boolean> {
  const added = await tx.query(
    `insert into customer_order (id, consumer, channel, channel_order_id, payload_hash, document, lifecycle,
                                 reservation_id, created_at, updated_at, version, policy_revision)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)
     on conflict (channel, channel_order_id) do nothing returning id`,
    [
      order.id,
      order.consumer,
      order.channel,
      order.channelOrderId,
      order.payloadHash,
      JSON.stringify(order.document),
      order.lifecycle,
      order.reservationId ?? null,
      order.createdAt,
      order.version,
      order.policyRevision,
    ],
  )
  if (added.length === 0) return false
  const { lines } = order
  await tx.query(
    `insert into order_line (order_id, line_id, position, sku, uom, ordered)
     select $1, * from unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::bigint[])`,
    [
      order.id,
      lines.map(({ lineId }) => lineId),
      lines.map((_, position) => position),
      lines.map(({ sku }) => sku),
      lines.map(({ uom }) => uom),
      lines.map(({ ordered }) => String(ordered)),
    ],
  )
  return true
}

type OrderRow = {
  readonly id: string
  readonly consumer: string
  readonly channel: string
  readonly channel_order_id: string
  readonly payload_hash: string
  readonly document: string
  readonly lifecycle: OrderLifecycle
  readonly reservation_id: string | null
  readonly created_at: number
  readonly updated_at: number
  readonly version: number
  readonly policy_revision: string
}
type Int = number | bigint | string
type LineRow = {
  readonly line_id: string
  readonly sku: string
  readonly uom: string
  readonly ordered: Int
  readonly shipped: Int
  readonly cancelled: Int
}
type HoldRow = {
  readonly reason: HoldReason
  readonly detail: string
  readonly opened_at: number
  readonly closed_at: number | null
}

async function select(
  tx: Queries,
  which: string,
  parameters: readonly unknown[],
): Promise<readonly Order[]> {
  const rows = await tx.query<OrderRow>(
    `select id, consumer, channel, channel_order_id, payload_hash, document, lifecycle, reservation_id,
            created_at, updated_at, version, policy_revision
       from customer_order ${which}`,
    parameters,
  )
  const orders: Order[] = []
  for (const row of rows) {
    const lines = await tx.query<LineRow>(
      'select line_id, sku, uom, ordered, shipped, cancelled from order_line where order_id = $1 order by position',
      [row.id],
    )
    const holds = await tx.query<HoldRow>(
      'select reason, detail, opened_at, closed_at from order_hold where order_id = $1 order by opened_at',
      [row.id],
    )
    orders.push(toOrder(row, lines, holds))
  }
  return orders
}

const toOrder = (row: OrderRow, lines: readonly LineRow[], holds: readonly HoldRow[]): Order => ({
  id: row.id,
  consumer: row.consumer,
  channel: asChannelId(row.channel),
  channelOrderId: row.channel_order_id,
  payloadHash: row.payload_hash,
  document: JSON.parse(row.document),
  lifecycle: row.lifecycle,
  reservationId: row.reservation_id ?? undefined,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  version: row.version,
  policyRevision: row.policy_revision,
  lines: lines.map(line => ({
    lineId: line.line_id,
    sku: asSku(line.sku),
    uom: line.uom,
    ordered: BigInt(line.ordered),
    shipped: BigInt(line.shipped),
    cancelled: BigInt(line.cancelled),
  })),
  holds: holds.map(({ reason, detail, opened_at, closed_at }) => ({
    reason,
    detail,
    openedAt: opened_at,
    closedAt: closed_at ?? undefined,
  })),
})
