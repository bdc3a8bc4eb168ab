import { asLocationId, asSku } from '../model/brand.ts'
import type { StockKey } from '../model/stock.ts'
import type { SnapshotMeaning, StockCounter } from '../model/stock-counter.ts'
import type { Movement, ReservationEntry, Snapshot, StockLedger } from '../ports/stock-ledger.ts'
import type { Queries } from './database.ts'

/** The ledger of stock in SQL, within one transaction. */
export function createStockLedger(tx: Queries): StockLedger {
  return {
    counters: keys => select(tx, keys, ''),
    lock: keys => select(tx, keys, 'for update'),
    applySnapshots: snapshots => applySnapshots(tx, snapshots),
    enter: (entries, at) => enter(tx, entries, at),
    move: (movement, at) => move(tx, movement, at),
    async acknowledgeMovement(source, sourceId, ack) {
      const [key] = await tx.query<Row<'sku' | 'location'>>(
        `update stock_movement set ack_seq = coalesce(ack_seq, $3::bigint), ack_at = coalesce(ack_at, $4::bigint)
          where source = $1 and source_id = $2 returning sku, location`,
        [source, sourceId, textOrNull(ack.seq), ack.at],
      )
      if (key) await refresh(tx, keyOf(key))
    },
    acknowledgeOrder: (order, ack, meaning) => acknowledgeOrder(tx, order, ack, meaning),
    rebuild: () => rebuild(tx),
  }
}

type Row<Names extends string> = Readonly<Record<Names, string>>
type Int = number | bigint | string

const keyOf = ({ sku, location }: Row<'sku' | 'location'>): StockKey => ({
  sku: asSku(sku),
  location: asLocationId(location),
})
const textOrNull = (value: bigint | undefined): string | null =>
  value === undefined ? null : String(value)

const columnsOf = (keys: readonly StockKey[]): unknown[][] => [
  keys.map(({ sku }) => sku),
  keys.map(({ location }) => location),
]

/** Rows are locked in the order of their keys by everybody, so that no two wait for each other. */
async function select(
  tx: Queries,
  keys: readonly StockKey[],
  lock: '' | 'for update',
): Promise<readonly StockCounter[]> {
  if (keys.length === 0) return []
  const rows = await tx.query<CounterRow>(
    `select sku, location, connection, uom, on_hand, snapshot_seq, snapshot_at, unabsorbed, held, committed, version
       from stock_counter
      where (sku, location) in (select * from unnest($1::text[], $2::text[]))
      order by sku, location ${lock}`,
    columnsOf(keys),
  )
  return rows.map(toCounter)
}

type CounterRow = Row<'sku' | 'location' | 'connection' | 'uom'> & {
  readonly on_hand: Int
  readonly snapshot_seq: Int | null
  readonly snapshot_at: number
  readonly unabsorbed: Int
  readonly held: Int
  readonly committed: Int
  readonly version: number
}

const toCounter = (row: CounterRow): StockCounter => ({
  ...keyOf(row),
  connection: row.connection,
  uom: row.uom,
  onHand: BigInt(row.on_hand),
  snapshotSeq: row.snapshot_seq === null ? undefined : BigInt(row.snapshot_seq),
  snapshotAt: row.snapshot_at,
  unabsorbed: BigInt(row.unabsorbed),
  held: BigInt(row.held),
  committed: BigInt(row.committed),
  version: row.version,
})

async function applySnapshots(tx: Queries, snapshots: readonly Snapshot[]): Promise<void> {
  // In key order: inserting locks too.
  const inOrder = snapshots.toSorted(
    (a, b) => compare(a.sku, b.sku) || compare(a.location, b.location),
  )
  for (const snapshot of inOrder) {
    const { sku, location, connection, onHand, requestedAt } = snapshot
    const seq = snapshot.changeSequence === 'NATIVE' ? snapshot.erpSeq : undefined
    const [taken] = await tx.query(
      `insert into stock_counter as known (sku, location, connection, uom, on_hand, snapshot_seq, snapshot_at)
       values ($1, $2, $3, $4, $5::bigint, $6::bigint, $7)
           on conflict (sku, location) do update
              set connection = excluded.connection, uom = excluded.uom, on_hand = excluded.on_hand,
                  snapshot_seq = excluded.snapshot_seq, snapshot_at = excluded.snapshot_at,
                  version = known.version + 1
            where known.connection <> excluded.connection
               or excluded.snapshot_seq > known.snapshot_seq
               or (excluded.snapshot_seq = known.snapshot_seq and excluded.snapshot_at > known.snapshot_at)
               or (excluded.snapshot_seq is null and excluded.snapshot_at > known.snapshot_at)
        returning sku`,
      [sku, location, connection, onHand.uom, String(onHand.micros), textOrNull(seq), requestedAt],
    )
    if (taken) await absorb(tx, snapshot)
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Marks what the snapshot that the counter now holds contains. */
async function absorb(tx: Queries, snapshot: Snapshot): Promise<void> {
  const { sku, location, requestedAt } = snapshot
  const seq = snapshot.changeSequence === 'NATIVE' ? snapshot.erpSeq : undefined
  await tx.query(
    `update stock_movement set contained = true
      where sku = $1 and location = $2 and not contained and ${CONTAINED}`,
    [sku, location, textOrNull(seq), requestedAt],
  )
  if (snapshot.quantitySemantics === 'NET_OF_ERP_ORDERS') {
    await letErpSubtract(tx, snapshot, seq, requestedAt)
  }
  await refresh(tx, snapshot)
}

/**
 * The rule of absorption: a posting is contained in a snapshot if its change sequence is at most the
 * snapshot's, or, for an ERP without one, if we knew of it before we asked. $3: the snapshot's sequence,
 * $4: when it was asked for.
 */
const CONTAINED = `(case when $3::bigint is not null then ack_seq <= $3::bigint else ack_at < $4::bigint end)`

/** Where the ERP subtracts its own orders, we stop to subtract those whose effect the snapshot shows. */
async function letErpSubtract(
  tx: Queries,
  { sku, location }: StockKey,
  seq: bigint | undefined,
  requestedAt: number,
): Promise<void> {
  const rows = await tx.query<Row<'reservation_id' | 'line_id'> & { open: Int }>(
    `update reservation_allocation part set contained = true
       from reservation whole
      where part.sku = $1 and part.location = $2 and not part.contained and ${CONTAINED}
        and whole.id = part.reservation_id and whole.state = 'COMMITTED'
      returning part.reservation_id, part.line_id, part.quantity - part.consumed - part.released as open`,
    [sku, location, textOrNull(seq), requestedAt],
  )
  const entries = rows.flatMap(({ reservation_id, line_id, open }) =>
    BigInt(open) === 0n
      ? []
      : [
          {
            sku,
            location,
            reservationId: reservation_id,
            lineId: line_id,
            held: 0n,
            committed: -BigInt(open),
            reason: 'subtracted-by-erp',
          },
        ],
  )
  await enter(tx, entries, requestedAt)
}

/**
 * Sums up the movements that the snapshot does not contain. What left counts at once. What came counts when the
 * ERP has acknowledged it by a sequence number; without one the snapshot may contain it although we did not know
 * when we asked, and only the next one tells. All err to underselling, and heal.
 */
const UNABSORBED = `coalesce((
  select sum(m.delta) from stock_movement m
   where m.sku = c.sku and m.location = c.location and not m.contained and (m.delta < 0 or m.ack_seq is not null)
), 0)::bigint`

/** After an acknowledgement or a snapshot: marks what is contained by what the counter holds, and sums up anew. */
async function refresh(tx: Queries, { sku, location }: StockKey): Promise<void> {
  await tx.query(
    `update stock_movement m set contained = true
       from stock_counter c
      where c.sku = $1 and c.location = $2 and m.sku = $1 and m.location = $2 and not m.contained
        and (case when c.snapshot_seq is not null then m.ack_seq <= c.snapshot_seq else m.ack_at < c.snapshot_at end)`,
    [sku, location],
  )
  await tx.query(
    `update stock_counter c set unabsorbed = ${UNABSORBED}, version = version + 1 where sku = $1 and location = $2`,
    [sku, location],
  )
}

async function acknowledgeOrder(
  tx: Queries,
  { reservationId, locations }: { reservationId: string; locations: readonly string[] },
  { seq, at }: NonNullable<Movement['ack']>,
  { quantitySemantics }: SnapshotMeaning,
): Promise<void> {
  const keys = await tx.query<Row<'sku' | 'location'>>(
    `update reservation_allocation set ack_seq = $3::bigint, ack_at = $4::bigint
      where reservation_id = $1 and location = any($2::text[]) and ack_at is null
      returning sku, location`,
    [reservationId, locations, textOrNull(seq), at],
  )
  if (quantitySemantics === 'PHYSICAL') return
  for (const counter of await select(tx, keys.map(keyOf), 'for update')) {
    await letErpSubtract(tx, counter, counter.snapshotSeq, counter.snapshotAt)
  }
}

async function enter(tx: Queries, entries: readonly ReservationEntry[], at: number): Promise<void> {
  if (entries.length === 0) return
  const [skus, locations] = columnsOf(entries)
  const held = entries.map(entry => String(entry.held))
  const committed = entries.map(entry => String(entry.committed))
  await tx.query(
    `insert into reservation_entry (reservation_id, line_id, sku, location, held, committed, reason, at)
     select *, $8::bigint
       from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[])`,
    [
      entries.map(({ reservationId }) => reservationId),
      entries.map(({ lineId }) => lineId),
      skus,
      locations,
      held,
      committed,
      entries.map(({ reason }) => reason),
      at,
    ],
  )
  await tx.query(
    `update stock_counter counter
        set held = counter.held + sums.held, committed = counter.committed + sums.committed, version = version + 1
       from (select sku, location, sum(held)::bigint as held, sum(committed)::bigint as committed
               from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) as one (sku, location, held, committed)
              group by sku, location) as sums
      where counter.sku = sums.sku and counter.location = sums.location`,
    [skus, locations, held, committed],
  )
}

async function move(
  tx: Queries,
  movement: Movement,
  at: number,
): Promise<'new' | 'known' | 'changed'> {
  const { source, sourceId, sku, location, delta, kind, occurredAt, ack } = movement
  const fingerprint = JSON.stringify([sku, location, String(delta), kind, occurredAt])
  const [added] = await tx.query(
    `insert into stock_movement
       (source, source_id, sku, location, delta, kind, occurred_at, recorded_at, ack_seq, ack_at, fingerprint)
     values ($1, $2, $3, $4, $5::bigint, $6, $7, $8, $9::bigint, $10::bigint, $11)
     on conflict (source, source_id) do nothing
     returning id`,
    [
      source,
      sourceId,
      sku,
      location,
      String(delta),
      kind,
      occurredAt,
      at,
      textOrNull(ack?.seq),
      ack?.at ?? null,
      fingerprint,
    ],
  )
  if (added) {
    await refresh(tx, movement)
    return 'new'
  }
  const [known] = await tx.query<Row<'fingerprint'>>(
    'select fingerprint from stock_movement where source = $1 and source_id = $2',
    [source, sourceId],
  )
  return known?.fingerprint === fingerprint ? 'known' : 'changed'
}

async function rebuild(tx: Queries): Promise<readonly StockKey[]> {
  await tx.query('lock table stock_counter in exclusive mode')
  const rows = await tx.query<Row<'sku' | 'location'>>(
    `update stock_counter c
        set unabsorbed = ${UNABSORBED},
            held = coalesce(sums.held, 0),
            committed = coalesce(sums.committed, 0),
            version = c.version + 1
       from stock_counter k
       left join (select sku, location, sum(held)::bigint as held, sum(committed)::bigint as committed
                    from reservation_entry group by sku, location) sums
         on sums.sku = k.sku and sums.location = k.location
      where k.sku = c.sku and k.location = c.location
        and (c.held <> coalesce(sums.held, 0) or c.committed <> coalesce(sums.committed, 0)
             or c.unabsorbed <> ${UNABSORBED})
      returning c.sku, c.location`,
  )
  return rows.map(keyOf)
}
