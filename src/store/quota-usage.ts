import type { QuotaStore, QuotaUsage } from '../ports/quota-store.ts'
import type { Database, Queries } from './database.ts'

/** Used quota in the database. */
export function createQuotaUsage(db: Database): QuotaStore {
  return {
    load: now => loadRunning(db, now),
    async save(usages) {
      if (usages.length === 0) return
      await db.transaction(async tx => {
        await raise(tx, usages)
        await dropPassed(tx, usages)
      })
    },
  }
}

const loadRunning = (db: Queries, now: number): Promise<readonly QuotaUsage[]> =>
  db.query<QuotaUsage>(
    `select consumer as "key", period as "window", starts_at as "startsAt", ends_at as "endsAt", used
       from quota_usage
      where ends_at > $1`,
    [now],
  )

/** Rows are locked in the same order by everybody, so that two processes never wait for each other. */
async function raise(tx: Queries, usages: readonly QuotaUsage[]): Promise<void> {
  await tx.query(
    `insert into quota_usage as known (consumer, period, starts_at, ends_at, used)
     select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
      order by 1, 2, 3
         on conflict (consumer, period, starts_at)
         do update set used = greatest(known.used, excluded.used), ends_at = excluded.ends_at`,
    columns(usages),
  )
}

/** What these consumers used in earlier periods of the same kind decides nothing any more. */
async function dropPassed(tx: Queries, usages: readonly QuotaUsage[]): Promise<void> {
  await tx.query(
    `delete from quota_usage old
      using unnest($1::text[], $2::text[], $3::bigint[]) as running (consumer, period, starts_at)
      where old.consumer = running.consumer
        and old.period = running.period
        and old.ends_at <= running.starts_at`,
    columns(usages).slice(0, 3),
  )
}

const columns = (usages: readonly QuotaUsage[]): unknown[][] => [
  usages.map(u => u.key),
  usages.map(u => u.window),
  usages.map(u => u.startsAt),
  usages.map(u => u.endsAt),
  usages.map(u => u.used),
]
