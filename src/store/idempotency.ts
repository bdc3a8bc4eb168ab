import type { Clock } from '../kernel/clock.ts'
import type { Idempotency, KeptAnswer } from '../ports/idempotency.ts'
import type { Queries } from './database.ts'

/** Kept answers in SQL, within one transaction. */
export const createIdempotency = (tx: Queries, clock: Clock): Idempotency => ({
  async find({ consumer, operation, key }) {
    const [row] = await tx.query<Omit<KeptAnswer, 'headers' | 'contentType'> & Row>(
      `select fingerprint, status, headers, content_type, body from idempotency
        where consumer = $1 and operation = $2 and key = $3`,
      [consumer, operation, key],
    )
    if (!row) return undefined
    const { fingerprint, status, body } = row
    return {
      fingerprint,
      status,
      headers: JSON.parse(row.headers),
      contentType: row.content_type,
      body,
    }
  },
  async keep({ consumer, operation, key }, { fingerprint, status, headers, contentType, body }) {
    const kept = await tx.query(
      `insert into idempotency (consumer, operation, key, fingerprint, status, headers, content_type, body, at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict do nothing returning key`,
      [
        consumer,
        operation,
        key,
        fingerprint,
        status,
        JSON.stringify(headers),
        contentType,
        body,
        clock.now(),
      ],
    )
    return kept.length > 0
  },
  async forget(before, limit) {
    const gone = await tx.query(
      `delete from idempotency where (consumer, operation, key) in (
         select consumer, operation, key from idempotency where at < $1
          order by at limit $2 for update skip locked)
       returning key`,
      [before, limit],
    )
    return gone.length
  },
})

type Row = { readonly headers: string; readonly content_type: string }
