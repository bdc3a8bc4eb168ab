import type { Clock } from '../../kernel/clock.ts'
import { UpstreamFailure } from '../../kernel/upstream-failure.ts'
import type { GuardSettings } from '../../model/erp-connection.ts'
import type { ErpCall } from '../../ports/erp.ts'

/** An answer that was cut or makes no sense is asked for once more: a second such answer is no accident. */
const ATTEMPTS_WHEN_ANSWERED_BADLY = 2

/**
 * Tries a read again after a failure that may pass, as often as the policy says and as long as the
 * caller waits. A wait that would outlast the deadline is not begun. Only for reads: a write that may
 * have arrived is never sent twice.
 */
export async function retrying<T>(
  { attempts, backoffMs }: GuardSettings,
  { clock, random }: { clock: Clock; random(): number },
  call: ErpCall,
  read: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read()
    } catch (error) {
      if (!mayPass(error) || attempt >= attemptsAfter(error, attempts)) throw error
      const full = Math.min(backoffMs.max, backoffMs.initial * 2 ** (attempt - 1))
      // Half fixed, half random: those who failed together do not come back together.
      const backoff = full / 2 + (random() * full) / 2
      const asked = (error.details.retryAfterSeconds ?? 0) * 1000
      const wait = Math.max(backoff, asked)
      if (clock.monotonic() + wait >= call.deadlineAt) throw error
      await clock.sleep(wait, call.signal)
    }
  }
}

/** An open breaker and a full waiting room are refusals of our own: trying again at once is no help. */
const mayPass = (error: unknown): error is UpstreamFailure =>
  error instanceof UpstreamFailure &&
  error.kind !== 'rejected' &&
  error.details.proxyError !== 'destination_unavailable' &&
  error.details.proxyError !== 'connection_limit_reached' &&
  error.details.proxyError !== 'connection_read_timeout'

const attemptsAfter = ({ kind }: UpstreamFailure, attempts: number): number =>
  kind === 'garbled' || kind === 'unknown'
    ? Math.min(attempts, ATTEMPTS_WHEN_ANSWERED_BADLY)
    : attempts
