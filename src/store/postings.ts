import { jsonDigest } from '../kernel/canonical-json.ts'
import type {
  ErpOrderState,
  ErpPosting,
  OrderErpPosting,
  PostingAttempt,
  PostingState,
} from '../model/order.ts'
import type { Postings } from '../ports/orders.ts'
import type { Queries } from './database.ts'

/** Postings to ERPs in SQL, within one transaction. */
export function createPostings(tx: Queries): Postings {
  return {
    async insert({ id, orderId, connection, kind, reference, payload, createdAt }) {
      const added = await tx.query(
        `insert into erp_posting (id, order_id, connection, kind, reference, state, payload, payload_hash,
                                  created_at, updated_at, due_at)
         values ($1, $2, $3, $4, $5, 'PENDING', $6, $7, $8, $8, $8)
         on conflict (connection, kind, reference) do nothing returning id`,
        [
          id,
          orderId ?? null,
          connection,
          kind,
          reference,
          JSON.stringify(payload),
          jsonDigest(payload),
          createdAt,
        ],
      )
      return added.length > 0
    },
    async find(id, options) {
      const [found] = await select(tx, `where id = $1 ${options?.lock ? 'for update' : ''}`, [id])
      return found
    },
    ofOrder: orderId =>
      ofOrders(select(tx, 'where order_id = $1 order by created_at, kind desc', [orderId])),
    attemptsOf: of => attemptsOf(tx, of),
    async begin(id, claimedUntil, now) {
      const [row] = await tx.query<{ attempts: number }>(
        `update erp_posting set attempts = attempts + 1, state = 'SENDING', claimed_until = $2, due_at = $2, updated_at = $3
          where id = $1 returning attempts`,
        [id, claimedUntil, now],
      )
      const n = row?.attempts ?? 1
      await tx.query(
        'insert into erp_attempt (posting_id, n, started_at) values ($1, $2, $3) on conflict do nothing',
        [id, n, now],
      )
      return n
    },
    async end(
      id,
      n,
      { outcome, detail, state, failures, dueAt, erpNumber, erpSeq, erpState, cause },
      now,
    ) {
      await tx.query(
        `update erp_attempt set ended_at = $3, outcome = $4, detail = $5 where posting_id = $1 and n = $2`,
        [id, n, now, outcome, detail],
      )
      await tx.query(
        `update erp_posting
            set state = $2, claimed_until = 0, erp_number = coalesce($3, erp_number),
                erp_seq = coalesce($4::bigint, erp_seq), erp_state = coalesce($5, erp_state),
                cause = $6, last_error = $7, updated_at = $8,
                failures = coalesce($9::int, failures), due_at = coalesce($10::bigint, due_at)
          where id = $1`,
        [
          id,
          state,
          erpNumber ?? null,
          erpSeq === undefined ? null : String(erpSeq),
          erpState ?? null,
          cause ?? null,
          state === 'CONFIRMED' ? null : detail,
          now,
          failures ?? null,
          dueAt ?? null,
        ],
      )
    },
    async update(id, { state, erpState, erpShipped, failures, payload }, now) {
      await tx.query(
        `update erp_posting
            set state = coalesce($2, state), erp_state = coalesce($3, erp_state),
                erp_shipped = coalesce($4::bigint, erp_shipped),
                failures = coalesce($5::int, failures), updated_at = $6,
                payload = coalesce($7, payload), payload_hash = coalesce($8, payload_hash)
          where id = $1`,
        [
          id,
          state ?? null,
          erpState ?? null,
          erpShipped === undefined ? null : String(erpShipped),
          failures ?? null,
          now,
          payload === undefined ? null : JSON.stringify(payload),
          payload === undefined ? null : jsonDigest(payload),
        ],
      )
    },
    takeOverdue: (before, again, limit) =>
      select(
        tx,
        `where id in (
           select id from erp_posting
            where state in ('PENDING', 'SENDING', 'UNKNOWN') and due_at < $1
            order by due_at limit $2 for update skip locked)`,
        [before, limit],
        { set: 'due_at = $3', value: again },
      ),
    async hurry(connection, limit, now) {
      await tx.query(
        `update erp_posting set due_at = 0
          where id in (
            select id from erp_posting
             where connection = $1 and state = 'PENDING' and cause in ('unreachable', 'busy') and due_at > $3
             order by due_at limit $2 for update skip locked)`,
        [connection, limit, now],
      )
    },
    takeWatched: (connection, before, limit, now) =>
      ofOrders(
        select(
          tx,
          `where id in (
             select id from erp_posting
              where connection = $1 and kind = 'create' and state = 'CONFIRMED' and erp_state = 'OPEN' and watched_at < $2
              order by watched_at limit $3 for update skip locked)`,
          [connection, before, limit],
          { set: 'watched_at = $4', value: now },
        ),
      ),
    async watchNext(connection, references) {
      await tx.query(
        `update erp_posting set watched_at = 0
          where connection = $1 and kind = 'create' and reference = any($2::text[])
            and state = 'CONFIRMED' and erp_state = 'OPEN'`,
        [connection, references],
      )
    },
    async waiting() {
      const rows = await tx.query<{
        connection: string
        kind: ErpPosting['kind']
        state: PostingState
        count: number | bigint | string
        oldest_at: number
      }>(
        `select connection, kind, state, count(*) as count, min(created_at) as oldest_at
           from erp_posting where state in ('PENDING', 'SENDING', 'UNKNOWN') or state = 'DEAD'
          group by connection, kind, state`,
      )
      return rows.map(({ count, oldest_at: oldestAt, ...row }) => ({
        ...row,
        count: Number(count),
        oldestAt: Number(oldestAt),
      }))
    },
    dead: ({ cause, connection, kind, before, text }, limit) =>
      select(
        tx,
        `where state = 'DEAD' and ($2::text is null or cause = $2) and ($3::text is null or connection = $3)
           and ($4::text is null or kind = $4) and ($5::bigint is null or updated_at < $5)
           and ($6::text is null or position(lower($6) in lower(last_error)) > 0)
         order by updated_at limit $1`,
        [limit, cause ?? null, connection ?? null, kind ?? null, before ?? null, text ?? null],
      ),
  }
}

/** Those that are about an order; the statement has seen to it. */
const ofOrders = async (
  found: Promise<readonly ErpPosting[]>,
): Promise<readonly OrderErpPosting[]> =>
  (await found).filter(posting => posting.kind !== 'movements')

const COLUMNS = `id, order_id, connection, kind, reference, state, attempts, failures, claimed_until, payload, payload_hash,
  erp_number, erp_seq, erp_state, erp_shipped, cause, last_error, created_at, updated_at`

type Row = {
  readonly id: string
  readonly order_id: string | null
  readonly connection: string
  readonly kind: ErpPosting['kind']
  readonly reference: string
  readonly state: PostingState
  readonly attempts: number
  readonly failures: number
  readonly claimed_until: number
  readonly payload: string
  readonly payload_hash: string
  readonly erp_number: string | null
  readonly erp_seq: number | bigint | string | null
  readonly erp_state: ErpOrderState | null
  readonly erp_shipped: number | bigint | string
  readonly cause: string | null
  readonly last_error: string | null
  readonly created_at: number
  readonly updated_at: number
}

/** @param change made to the rows on the way */
async function select(
  tx: Queries,
  which: string,
  parameters: readonly unknown[],
  change?: { readonly set: string; readonly value: unknown },
): Promise<readonly ErpPosting[]> {
  const rows = change
    ? await tx.query<Row>(`update erp_posting set ${change.set} ${which} returning ${COLUMNS}`, [
        ...parameters,
        change.value,
      ])
    : await tx.query<Row>(`select ${COLUMNS} from erp_posting ${which}`, parameters)
  return rows.map(toPosting)
}

const toPosting = (row: Row): ErpPosting =>
  // Which payload it is, its kind says: both were written together.
  ({
    id: row.id,
    orderId: row.order_id ?? undefined,
    connection: row.connection,
    kind: row.kind,
    reference: row.reference,
    state: row.state,
    attempts: row.attempts,
    failures: row.failures,
    claimedUntil: row.claimed_until,
    payload: JSON.parse(row.payload),
    payloadHash: row.payload_hash,
    erpNumber: row.erp_number ?? undefined,
    erpSeq: row.erp_seq === null ? undefined : BigInt(row.erp_seq),
    erpState: row.erp_state ?? undefined,
    erpShipped: BigInt(row.erp_shipped),
    cause: row.cause ?? undefined,
    lastError: row.last_error ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }) as ErpPosting

async function attemptsOf(tx: Queries, of: string): Promise<readonly PostingAttempt[]> {
  const rows = await tx.query<{
    posting_id: string
    n: number
    started_at: number
    ended_at: number | null
    outcome: string | null
    detail: string | null
  }>(
    `select a.posting_id, a.n, a.started_at, a.ended_at, a.outcome, a.detail
       from erp_attempt a join erp_posting p on p.id = a.posting_id
      where p.order_id = $1 or p.id = $1 order by a.started_at, a.n`,
    [of],
  )
  return rows.map(row => ({
    postingId: row.posting_id,
    n: row.n,
    startedAt: row.started_at,
    endedAt: row.ended_at ?? undefined,
    outcome: row.outcome ?? undefined,
    detail: row.detail ?? undefined,
  }))
}
