import { type Db, PgBoss } from 'pg-boss'
import type { Logger } from '../kernel/logger.ts'
import type { Jobs } from '../ports/orders.ts'
import type { Database, Queries } from './database.ts'

const QUEUE = 'erp-posting'
const SCHEMA = 'jobs'
/** Orders under way to ERPs at the same time, of one poll; each connection's own bounds hold besides. */
const AT_ONCE = 4
const POLLERS = 4
/** Longer than any attempt may take: a job whose worker died is given to another by then. */
const EXPIRE_SECONDS = 60

/** Jobs that are done some time after the transaction that sent them, by this process or another. */
export interface JobQueue {
  /** Sends within a transaction. */
  within(tx: Queries): Jobs
  /**
   * Works on postings: at most one job of an order at a time, in their order.
   *
   * @param post does one; what it throws is logged, and the job comes again
   */
  work(post: (postingId: string) => Promise<void>): Promise<void>
  close(): Promise<void>
}

/** @throws Error when the queue's tables cannot be made */
export async function openJobs(db: Database, logger: Logger): Promise<JobQueue> {
  const boss = new PgBoss({
    db: executorOn(db),
    schema: SCHEMA,
    schedule: false,
    ...(db.engine === 'embedded' && { backend: 'pglite' as const }),
  })
  boss.on('error', error => logger.warn({ error }, 'the job queue is in trouble'))
  // Of processes that make its tables at the same moment all but one fail: there they are when they try again.
  await boss.start({ attempts: 3 })
  await boss.createQueue(QUEUE, {
    policy: 'key_strict_fifo',
    // A job ends well even when its posting does not: what went wrong is in the posting, and is sent again from there.
    retryLimit: 1000,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 60,
    expireInSeconds: EXPIRE_SECONDS,
  })
  return {
    within: tx => ({
      async post({ id, orderId }, afterSeconds) {
        await boss.send(
          QUEUE,
          { postingId: id },
          {
            db: executorOn(tx),
            singletonKey: orderId ?? id,
            ...(afterSeconds !== undefined && { startAfter: Math.ceil(afterSeconds) }),
          },
        )
      },
    }),
    async work(post) {
      await boss.work<{ postingId: string }>(
        QUEUE,
        {
          pollingIntervalSeconds: 0.5,
          batchSize: AT_ONCE,
          // The embedded engine runs on our own thread: every poll is taken from the callers.
          localConcurrency: db.engine === 'embedded' ? 1 : POLLERS,
        },
        async jobs => {
          await Promise.all(jobs.map(({ data }) => post(data.postingId)))
        },
      )
    },
    close: () => boss.stop({ graceful: true, timeout: 10_000 }),
  }
}

/** Statements with parameters go alone; those without may be several. */
const executorOn = (queries: Queries): Db => ({
  async executeSql(text, values) {
    const rows = values?.length ? await queries.query(text, values) : await queries.script(text)
    return { rows: [...rows] }
  },
})
