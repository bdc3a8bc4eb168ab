import { followOrder } from '../domain/orders/follow-order.ts'
import { type OrderErp, postOrder } from '../domain/orders/post-order.ts'
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
  erp(connection: string): OrderErp | undefined
  /** The connections that take orders. */
  connections(): readonly string[]
  /** Told of orders that have changed, and of SKUs whose stock has. */
  changed(orderId: string, skus: readonly string[]): void
}

/** An order that is open at an ERP is looked at about this often. */
const WATCH_EVERY_MS = 2_000
const WATCH_PAUSE_MS = 500
const WATCH_BATCH = 20
const WATCH_CALL_MS = 10_000
/** A job is polled for twice a second; one this late is not coming. */
const LATE_MS = 5_000

/** Tells ERPs of orders, and listens to what becomes of them there, as long as the process runs. */
export async function workOnOrders(deps: OrderWorkerDeps): Promise<{ close(): Promise<void> }> {
  const { jobs, clock, logger } = deps
  const attempt = { ...deps, now: () => clock.now(), monotonic: () => clock.monotonic() }
  await jobs.work(async postingId => {
    await postOrder(attempt, postingId)
    await tellChanged(deps, postingId)
  })
  const stopping = new AbortController()
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await clock.sleep(WATCH_PAUSE_MS, stopping.signal)
      await resume(deps).catch(error => logger.warn({ error }, 'overdue postings cannot be read'))
      for (const connection of deps.connections()) {
        await watch(connection, deps).catch(error =>
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
    async close() {
      stopping.abort(new DOMException('following ends', 'AbortError'))
      await watching
    },
  }
}

/** Takes up what a process left behind when it died: its job may come again late, or never. */
async function resume(deps: OrderWorkerDeps): Promise<void> {
  const { store, clock } = deps
  const now = clock.now()
  const overdue = await store.write(tx =>
    tx.postings.takeOverdue(now - LATE_MS, now + LATE_MS, WATCH_BATCH),
  )
  for (const { id } of overdue) {
    await postOrder({ ...deps, now: () => clock.now(), monotonic: () => clock.monotonic() }, id)
    await tellChanged(deps, id)
  }
}

async function tellChanged({ store, changed }: OrderWorkerDeps, postingId: string): Promise<void> {
  const posting = await store.read.postings.find(postingId)
  if (posting)
    changed(
      posting.orderId,
      posting.payload.lines.map(({ sku }) => sku),
    )
}

/** Asks about orders that are open at an ERP: those that were not asked about for longest. */
async function watch(connection: string, deps: OrderWorkerDeps): Promise<void> {
  const { store, clock } = deps
  const erp = deps.erp(connection)
  if (!erp) return
  const now = clock.now()
  const watched = await store.write(tx =>
    tx.postings.takeWatched(connection, now - WATCH_EVERY_MS, WATCH_BATCH, now),
  )
  for (const posting of watched) {
    const seen = await erp.orders.find(posting.reference, watchCall(clock))
    if (!seen || seen.state === posting.erpState) continue
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
