import { ExponentialBackoff, handleAll, retry } from 'cockatiel'
import type { Logger } from '../kernel/logger.ts'
import type { AuditEntry } from '../model/audit.ts'
import type { AuditTrail } from '../ports/audit-trail.ts'

/** Records administration, in the order in which it happened, without keeping it waiting. */
export interface Auditing {
  record(entry: AuditEntry): void
  /** Waits for what has been recorded. */
  close(): Promise<void>
}

/** Some ten seconds in all: a database that restarts is back by then. */
const ATTEMPTS = 8

/**
 * Each record is also a log line with its number and digest: whoever keeps the log can prove that the
 * end of the chain was not cut off.
 */
export function createAuditing(trail: AuditTrail, logger: Logger): Auditing {
  const again = retry(handleAll, {
    maxAttempts: ATTEMPTS,
    backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 4_000 }),
  })
  let last: Promise<void> = Promise.resolve()
  return {
    record(entry) {
      last = last.then(async () => {
        try {
          const record = await again.execute(() => trail.append(entry))
          if (record) logger.info({ audit: record }, 'audit')
        } catch (error) {
          // The deed is done, and the log is what is left to say so.
          logger.error({ audit: entry, error }, 'an audit record cannot be written')
        }
      })
    },
    close: () => last,
  }
}
