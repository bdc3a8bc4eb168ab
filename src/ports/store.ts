import type { EventFeed, EventLog } from './event-log.ts'
import type { Idempotency } from './idempotency.ts'
import type { Journal } from './journal.ts'
import type { Jobs, Orders, Postings } from './orders.ts'
import type { Reservations, StockLedger } from './stock-ledger.ts'

/** Everything that a transaction can read and change. */
export type Tx = {
  readonly stock: StockLedger
  readonly reservations: Reservations
  readonly events: EventLog
  readonly idempotency: Idempotency
  readonly orders: Orders
  readonly postings: Postings
  readonly jobs: Jobs
  readonly journal: Journal
}

/** The durable state: the only way to change it is a transaction, whole or not at all. */
export interface Store {
  /** What `work` throws rolls everything back. A transaction that lost against another is run again. */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  readonly read: Tx
  readonly feed: EventFeed
}
