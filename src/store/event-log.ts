import type { Clock } from '../kernel/clock.ts'
import { prefixedId } from '../kernel/ids.ts'
import type { DomainEvent, RecordedEvent } from '../model/event.ts'
import type { EventFeed, EventLog } from '../ports/event-log.ts'
import type { Database, Queries } from './database.ts'

/** Events in SQL, within one transaction. */
export const createEventLog = (tx: Queries, clock: Clock): EventLog => ({
  async append(...events) {
    await tx.query(
      `insert into event (id, type, aggregate_type, aggregate_id, sequence, occurred_at, recorded_at,
                          correlation_id, consumer, data)
       select id, type, aggregate_type, aggregate_id, sequence, occurred_at, $7, correlation_id, consumer, data
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $8::text[],
                     $9::text[], $10::text[]) with ordinality
           as one (id, type, aggregate_type, aggregate_id, sequence, occurred_at, correlation_id, consumer, data, n)
        order by n`,
      [
        events.map(() => prefixedId('evt')),
        events.map(({ type }) => type),
        events.map(({ aggregate }) => aggregate.type),
        events.map(({ aggregate }) => aggregate.id),
        events.map(({ aggregate }) => aggregate.sequence),
        events.map(({ occurredAt }) => occurredAt),
        clock.now(),
        events.map(({ correlationId }) => correlationId),
        events.map(({ consumer }) => consumer ?? null),
        events.map(({ data }) => JSON.stringify(data)),
      ],
    )
  },
  of: (type, id) =>
    select(tx, 'where aggregate_type = $1 and aggregate_id = $2 order by sequence', [type, id]),
})

/**
 * The feed. Events get their numbers when they are committed already, by whoever reads: one that commits
 * late comes later, and is never passed by.
 */
export const createEventFeed = (db: Database): EventFeed => ({
  read: (after, limit, { types, consumer }) =>
    db.transaction(async tx => {
      await number(tx)
      const events = await select(
        tx,
        `where feed_seq > $1 and aggregate_type = any($2::text[]) and ($3::text is null or consumer = $3)
         order by feed_seq limit $4`,
        [after, types, consumer ?? null, limit + 1],
      )
      const page = events.slice(0, limit)
      return { events: page, next: page.at(-1)?.feedSeq ?? after, more: events.length > limit }
    }),
})

/** Two readers at once must not give one number twice, so the second waits for the first. */
async function number(tx: Queries): Promise<void> {
  const [waiting] = await tx.query('select 1 from event where feed_seq is null limit 1')
  if (!waiting) return
  await tx.query('select pg_advisory_xact_lock($1)', [FEED_LOCK])
  await tx.query(
    `update event set feed_seq = numbered.seq
       from (select id, (select coalesce(max(feed_seq), 0) from event) + row_number() over (order by written) as seq
               from event where feed_seq is null) as numbered
      where event.id = numbered.id`,
  )
}

/** Any number that nobody else locks. */
const FEED_LOCK = 77_001

type Row = {
  readonly id: string
  readonly type: string
  readonly aggregate_type: DomainEvent['aggregate']['type']
  readonly aggregate_id: string
  readonly sequence: number
  readonly occurred_at: number
  readonly recorded_at: number
  readonly feed_seq: number | null
  readonly correlation_id: string
  readonly consumer: string | null
  readonly data: string
}

async function select(
  tx: Queries,
  which: string,
  parameters: readonly unknown[],
): Promise<readonly RecordedEvent[]> {
  const rows = await tx.query<Row>(
    `select id, type, aggregate_type, aggregate_id, sequence, occurred_at, recorded_at, feed_seq,
            correlation_id, consumer, data
       from event ${which}`,
    parameters,
  )
  return rows.map(row => ({
    id: row.id,
    type: row.type,
    aggregate: { type: row.aggregate_type, id: row.aggregate_id, sequence: row.sequence },
    occurredAt: row.occurred_at,
    recordedAt: row.recorded_at,
    feedSeq: row.feed_seq ?? 0,
    correlationId: row.correlation_id,
    consumer: row.consumer ?? undefined,
    data: JSON.parse(row.data),
  }))
}
