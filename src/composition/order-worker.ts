import { followOrder, tellsMore } from '../domain/orders/follow-order.ts'
import { type PostDeps, postToErp } from '../domain/postings/post-to-erp.ts'
import type { PostingErp } from '../domain/postings/posting-erp.ts'
import type { Clock } from '../kernel/clock.ts'
import { newCorrelationId } from '../kernel/ids.ts'
import type { Logger } from '../kernel/logger.ts'
import type { ErpCall } from '../ports/erp.ts'
import type { Store } from '../ports/store.ts'
import type { JobQueue } from '../store/jobs.ts'

export type OrderWorkerDeps = {
  readonly store: Store
  readonly jobs: JobQueue
  readonly clock: Clock
  readonly logger: Logger
  random(): number
  erp(connection: string): PostingErp | undefined
  /** The names of all connections. */
  connections(): readonly string[]
  /** Told of orders that have changed, and of SKUs whose stock has. */
  changed(orderId: string | undefined, skus: readonly string[]): void
}

/** Works on what ERPs are told, and on what they tell of it. */
export interface OrderWorker {
  /** An ERP says that the orders that bear these references have changed: they are looked at next. */
  changedAt(connection: string, references: readonly string[]): void
  close(): Promise<void>
}

/** An order that is open at an ERP is looked at about this often, … */
const WATCH_EVERY_MS = 2_000
/** … and where the ERP tells which have changed, this often for what it did not tell. */
const TOLD_WATCH_EVERY_MS = 60_000
const WATCH_PAUSE_MS = 500
const WATCH_BATCH = 20
const WATCH_CALL_MS = 10_000
/** A job is polled for twice a second; one this late is not coming. */
const LATE_MS = 5_000
/** What waits for an ERP that was away is tried this often, one at a time, … */
const PROBE_EVERY_MS = 5_000
/** … and when one has come through, the others are. */
const HURRIED_AT_ONCE = 1_000
/** Taken up again at the same time; each connection's own bounds hold besides. */
const RESUMED_AT_ONCE = 4
/** References that are waited for to be looked at: an ERP that was away may tell of all at once. */
const TOLD_AT_ONCE = 1_000

/** Tells ERPs of orders and movements, and listens to what becomes of orders there, as long as the process runs. */
export async function workOnOrders(deps: OrderWorkerDeps): Promise<OrderWorker> {
  const { jobs, clock, logger, store } = deps
  const posting = { ...deps, now: () => clock.now(), monotonic: () => clock.monotonic() }
  const telling = new Set<string>()
  await jobs.work(postingId => post(postingId, posting, deps))
  const stopping = new AbortController()
  const watching = (async () => {
    let probedAt = clock.monotonic()
    while (!stopping.signal.aborted) {
      await clock.sleep(WATCH_PAUSE_MS, stopping.signal)
      const isTimeToProbe = clock.monotonic() - probedAt >= PROBE_EVERY_MS
      if (isTimeToProbe) {
        probedAt = clock.monotonic()
        await probe(deps).catch(error =>
          logger.warn({ error }, 'what waits for an ERP cannot be read'),
        )
      }
      await resume(posting, deps).catch(error =>
        logger.warn({ error }, 'overdue postings cannot be read'),
      )
      for (const connection of deps.connections()) {
        const everyMs = telling.has(connection) ? TOLD_WATCH_EVERY_MS : WATCH_EVERY_MS
        await watch(connection, everyMs, deps).catch(error =>
          logger.warn(
            { error, connection },
            'orders at an ERP cannot be followed; it is tried again',
          ),
        )
      }
    }
  })().catch(error => {
    if (!stopping.signal.aborted) throw error
  })
  return {
    changedAt(connection, references) {
      telling.add(connection)
      void (async () => {
        for (let i = 0; i < references.length; i += TOLD_AT_ONCE) {
          const some = references.slice(i, i + TOLD_AT_ONCE)
          await store.write(tx => tx.postings.watchNext(connection, some))
        }
      })().catch(error => {
        // Looked at as often as where nothing is told, until it is told again.
        telling.delete(connection)
        logger.warn({ error, connection }, 'what an ERP says of orders could not be noted')
      })
    },
    async close() {
      stopping.abort(new DOMException('following ends', 'AbortError'))
      await watching
    },
  }
}

/** Takes up what a process left behind when it died: its job may come again late, or never. */
async function resume(posting: PostDeps, deps: OrderWorkerDeps): Promise<void> {
  const now = deps.clock.now()
  const overdue = await deps.store.write(tx =>
    tx.postings.takeOverdue(now - LATE_MS, now + LATE_MS, WATCH_BATCH),
  )
  const rest = overdue.values()
  const lane = async (): Promise<void> => {
    for (const { id } of rest) await post(id, posting, deps)
  }
  await Promise.all(Array.from({ length: RESUMED_AT_ONCE }, lane))
}

/** An ERP that was away may be back long before a pause ends: one of those that wait finds out. */
async function probe({ store, clock, connections }: OrderWorkerDeps): Promise<void> {
  for (const connection of connections()) {
    await store.write(tx => tx.postings.hurry(connection, 1, clock.now()))
  }
}

async function post(postingId: string, posting: PostDeps, deps: OrderWorkerDeps): Promise<void> {
  await postToErp(posting, postingId)
  await tellChanged(deps, postingId)
}

async function tellChanged(
  { store, changed, clock }: OrderWorkerDeps,
  postingId: string,
): Promise<void> {
  const posting = await store.read.postings.find(postingId)
  if (!posting) return
  // The ERP is back: nobody else needs to wait for the end of a pause.
  if (posting.state === 'CONFIRMED' && posting.attempts > 1) {
    const { connection } = posting
    await store.write(tx => tx.postings.hurry(connection, HURRIED_AT_ONCE, clock.now()))
  }
  const skus: readonly string[] = posting.payload.lines.map(({ sku }) => sku)
  changed(posting.orderId, skus)
}

/** Asks about orders that are open at an ERP: those that were not asked about for longest. */
async function watch(connection: string, everyMs: number, deps: OrderWorkerDeps): Promise<void> {
  const { store, clock } = deps
  const erp = deps.erp(connection)
  if (!erp?.orders) return
  const now = clock.now()
  const watched = await store.write(tx =>
    tx.postings.takeWatched(connection, now - everyMs, WATCH_BATCH, now),
  )
  for (const posting of watched) {
    const seen = await erp.orders.find(posting.reference, watchCall(clock))
    if (!seen || !tellsMore(seen, posting)) continue
    const occasion = { now: clock.now(), correlationId: newCorrelationId() }
    await store.write(tx => followOrder(tx, posting, seen, erp, occasion))
    await tellChanged(deps, posting.id)
  }
}

const watchCall = (clock: Clock): ErpCall => ({
  signal: AbortSignal.timeout(WATCH_CALL_MS),
  deadlineAt: clock.monotonic() + WATCH_CALL_MS,
  correlationId: newCorrelationId(),
  workClass: 'batch',
})
