import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { VersionUsage, VersionUsageStore, VersionUse } from '../ports/version-usage.ts'
import type { Database } from './database.ts'

/** Who calls what is asked by the day; losing seconds of it to a crash decides nothing. */
const SAVE_EVERY_MS = 5_000
const DAY_MS = 86_400_000

type Counted = VersionUse & { readonly day: string; calls: number }

/**
 * Counts in memory and adds to the database every few seconds. What it holds is bounded by the policies:
 * consumers times operations of deprecated versions.
 */
export function createVersionUsage(
  db: Database,
  { clock, logger }: { clock: Clock; logger: Logger },
): VersionUsageStore {
  let pending = new Map<string, Counted>()
  const stopping = new AbortController()
  const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

  const save = async (): Promise<void> => {
    if (pending.size === 0) return
    const saved = pending
    pending = new Map()
    try {
      await add(db, [...saved.values()])
    } catch (error) {
      for (const [key, counted] of saved) {
        const later = pending.get(key)
        pending.set(key, { ...counted, calls: counted.calls + (later?.calls ?? 0) })
      }
      logger.warn({ error }, 'who calls deprecated versions cannot be saved; it is tried again')
    }
  }
  const saving = (async () => {
    while (!stopping.signal.aborted) {
      await clock.sleep(SAVE_EVERY_MS, stopping.signal)
      await save()
    }
  })().catch(error => {
    if (!stopping.signal.aborted) throw error
  })

  return {
    count(use) {
      const day = dayOf(clock.now())
      const key = JSON.stringify([use.api, use.version, use.operation, use.consumer, day])
      const counted = pending.get(key)
      if (counted) counted.calls++
      else pending.set(key, { ...use, day, calls: 1 })
    },
    async report(days) {
      await save()
      return db.query<VersionUsage>(
        `select api, version, operation, consumer, sum(calls)::bigint as calls, max(day)::text as "lastDay"
           from version_usage
          where day > $1::date
          group by 1, 2, 3, 4
          order by 1, 2, 3, 4`,
        [dayOf(clock.now() - days * DAY_MS)],
      )
    },
    async close() {
      stopping.abort(new DOMException('counting ends', 'AbortError'))
      await saving
      await save()
    },
  }
}

async function add(db: Database, counted: readonly Counted[]): Promise<void> {
  await db.query(
    `insert into version_usage as known (api, version, operation, consumer, day, calls)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::date[], $6::bigint[])
      order by 1, 2, 3, 4, 5
         on conflict (api, version, operation, consumer, day)
         do update set calls = known.calls + excluded.calls`,
    [
      counted.map(c => c.api),
      counted.map(c => c.version),
      counted.map(c => c.operation),
      counted.map(c => c.consumer),
      counted.map(c => c.day),
      counted.map(c => c.calls),
    ],
  )
}
