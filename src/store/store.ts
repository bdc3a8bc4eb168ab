import type { Clock } from '../kernel/clock.ts'
import type { Store, Tx } from '../ports/store.ts'
import type { Database, Queries } from './database.ts'
import { createEventFeed, createEventLog } from './event-log.ts'
import { createIdempotency } from './idempotency.ts'
import type { JobQueue } from './jobs.ts'
import { createJournal } from './journal.ts'
import { createOrders } from './orders.ts'
import { createPostings } from './postings.ts'
import { createReservations } from './reservations.ts'
import { createStockLedger } from './stock-ledger.ts'

/** SQLSTATEs of transactions that lost against another: nothing of them happened, and they may be run again. */
const LOST = new Set(['40001', '40P01'])
const ATTEMPTS = 5

/** The durable state on a database. */
export function createStore(
  db: Database,
  { clock, jobs }: { clock: Clock; jobs: Pick<JobQueue, 'within'> },
): Store {
  const partsOn = (queries: Queries): Tx => ({
    stock: createStockLedger(queries),
    reservations: createReservations(queries),
    events: createEventLog(queries, clock),
    idempotency: createIdempotency(queries, clock),
    orders: createOrders(queries),
    postings: createPostings(queries),
    jobs: jobs.within(queries),
    journal: createJournal(queries),
  })
  return {
    async write(work) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await db.transaction(queries => work(partsOn(queries)))
        } catch (error) {
          const { code } = error as { code?: string }
          if (attempt === ATTEMPTS || code === undefined || !LOST.has(code)) throw error
        }
      }
    },
    read: partsOn(db),
    feed: createEventFeed(db),
  }
}
