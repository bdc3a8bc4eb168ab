import { asChannelId, asLocationId, asSku } from '../model/brand.ts'
import type { Allocation, Reservation, ReservationState } from '../model/reservation.ts'
import type { Reservations } from '../ports/stock-ledger.ts'
import type { Queries } from './database.ts'

/** Reservations in SQL, within one transaction. */
export function createReservations(tx: Queries): Reservations {
  return {
    insert: reservation => insert(tx, reservation),
    async find(id, options) {
      const [found] = await select(tx, `where id = $1 ${options?.lock ? 'for update' : ''}`, [id])
      return found
    },
    async update(id, { state, expiresAt, owner }) {
      await tx.query(
        `update reservation
            set state = coalesce($2, state), expires_at = coalesce($3::bigint, expires_at),
                owner_type = coalesce($4, owner_type), owner_id = coalesce($5, owner_id), version = version + 1
          where id = $1`,
        [id, state ?? null, expiresAt ?? null, owner?.type ?? null, owner?.id ?? null],
      )
    },
    async take(id, { lineId, location, consumed, released }) {
      await tx.query(
        `update reservation_allocation
            set consumed = consumed + $4::bigint, released = released + $5::bigint
          where reservation_id = $1 and line_id = $2 and location = $3`,
        [id, lineId, location, String(consumed), String(released)],
      )
    },
    lockOverdue: (now, which) =>
      'keys' in which
        ? select(
            tx,
            `where state = 'HELD' and expires_at <= $1 and id in (
               select reservation_id from reservation_allocation
                where (sku, location) in (select * from unnest($2::text[], $3::text[])))
             order by id for update skip locked`,
            [now, which.keys.map(({ sku }) => sku), which.keys.map(({ location }) => location)],
          )
        : select(
            tx,
            `where state = 'HELD' and expires_at <= $1 order by expires_at, id limit $2 for update skip locked`,
            [now, which.limit],
          ),
  }
}

async function insert(tx: Queries, reservation: Reservation): Promise<void> {
  const { id, consumer, channel, owner, state, expiresAt, createdAt, allocations } = reservation
  await tx.query(
    `insert into reservation (id, consumer, channel, owner_type, owner_id, state, expires_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, consumer, channel, owner.type, owner.id, state, expiresAt, createdAt],
  )
  await tx.query(
    `insert into reservation_allocation (reservation_id, line_id, sku, location, uom, quantity)
     select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])`,
    [
      id,
      allocations.map(({ lineId }) => lineId),
      allocations.map(({ sku }) => sku),
      allocations.map(({ location }) => location),
      allocations.map(({ uom }) => uom),
      allocations.map(({ quantity }) => String(quantity)),
    ],
  )
}

type ReservationRow = {
  readonly id: string
  readonly consumer: string
  readonly channel: string
  readonly owner_type: Reservation['owner']['type']
  readonly owner_id: string
  readonly state: ReservationState
  readonly expires_at: number
  readonly created_at: number
  readonly version: number
}

type Int = number | bigint | string
type AllocationRow = {
  readonly reservation_id: string
  readonly line_id: string
  readonly sku: string
  readonly location: string
  readonly uom: string
  readonly quantity: Int
  readonly consumed: Int
  readonly released: Int
  readonly ack_seq: Int | null
  readonly ack_at: number | null
  readonly contained: boolean
}

async function select(
  tx: Queries,
  which: string,
  parameters: readonly unknown[],
): Promise<readonly Reservation[]> {
  const rows = await tx.query<ReservationRow>(
    `select id, consumer, channel, owner_type, owner_id, state, expires_at, created_at, version
       from reservation ${which}`,
    parameters,
  )
  if (rows.length === 0) return []
  const parts = await tx.query<AllocationRow>(
    `select reservation_id, line_id, sku, location, uom, quantity, consumed, released, ack_seq, ack_at, contained
       from reservation_allocation where reservation_id = any($1::text[])
      order by reservation_id, line_id, location`,
    [rows.map(({ id }) => id)],
  )
  const byReservation = Map.groupBy(parts, ({ reservation_id }) => reservation_id)
  return rows.map(row => ({
    id: row.id,
    consumer: row.consumer,
    channel: asChannelId(row.channel),
    owner: { type: row.owner_type, id: row.owner_id },
    state: row.state,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    version: row.version,
    allocations: (byReservation.get(row.id) ?? []).map(toAllocation),
  }))
}

const toAllocation = (row: AllocationRow): Allocation => ({
  lineId: row.line_id,
  sku: asSku(row.sku),
  location: asLocationId(row.location),
  uom: row.uom,
  quantity: BigInt(row.quantity),
  consumed: BigInt(row.consumed),
  released: BigInt(row.released),
  ...(row.ack_at !== null && {
    ack: { seq: row.ack_seq === null ? undefined : BigInt(row.ack_seq), at: row.ack_at },
  }),
  contained: row.contained,
})
