import type { ContractDocument } from '../../gateway/contract.ts'
import { EMPTY, type Reply } from '../../gateway/reply.ts'
import type { Clock } from '../../kernel/clock.ts'
import { invariant } from '../../kernel/invariant.ts'
import { silentLogger } from '../../kernel/logger.ts'
import { isProblemCode, Problem } from '../../kernel/problems.ts'
import type { PolicySet } from '../../policy/policy-set.ts'
import { createMemoryLimits } from '../../store/memory-limits.ts'
import { createDryRun, type DryAnswer } from '../dry-run.ts'
import { type AccessRecord, parseAccessLine } from './access-record.ts'
import { callOf, createOperationIndex, replayable } from './call-of.ts'
import { createHeldLimits } from './held-limits.ts'
import { inOrderOfArrival } from './in-order.ts'
import { type Outcome, Tally } from './tally.ts'

export type Replayed = {
  readonly tally: Tally
  /** Lines that tell of a governed call by a known consumer. */
  calls: number
  /** Refused before anything of them was known: credentials, or a request that broke the contract. */
  notReplayed: number
  /** Lines that are no JSON, or no access line that can be read. */
  garbage: number
  /** The smallest share of successes that a line says was logged; under 1, limits are met later than in truth. */
  sampled: number
}

/** Calls come to the log when they end; none lasts longer than this (api-schema.ts: timeoutMs). */
const ORDER = { waitMs: 60_000, most: 20_000 }
const CACHE_BYTES = 128 * 1024 * 1024
/** What an access line leaves out: how the caller proved itself, and what broke the contract. */
const UNSEEN_STEPS = ['authenticate', 'validate-request']

/**
 * Sends recorded calls through the stages of another policy set, at the times at which they came. No
 * ERP is asked: where the recorded call failed there, so does the replayed one. Counters start at zero.
 *
 * @param lines of an access log, in the order in which they were written
 */
export async function replay(
  lines: AsyncIterable<string>,
  policies: PolicySet,
  contracts: readonly ContractDocument[],
): Promise<Replayed> {
  const clock = new RecordedClock()
  const limits = createHeldLimits(
    createMemoryLimits({ clock, maxKeys: 100_000, logger: silentLogger }),
  )
  let failure: string | undefined
  const dryRun = createDryRun(policies, {
    contracts: replayable(contracts),
    clock,
    limits,
    cacheBytes: CACHE_BYTES,
    operation: () => answerOf(failure),
  })
  const operationOf = createOperationIndex(contracts)
  const result: Replayed = { tally: new Tally(), calls: 0, notReplayed: 0, garbage: 0, sampled: 1 }
  try {
    for await (const record of inOrderOfArrival(records(lines, result), ORDER)) {
      const consumer = policies.consumers.get(record.consumer)
      const operation = operationOf(record)
      if (!consumer || !operation) {
        const [step, code] = consumer
          ? ['contract', 'not-found']
          : ['authenticate', 'unauthenticated']
        const refusal = { step, code, policy: 'none' }
        result.tally.add(record, { refusal, cache: 'none', wouldRefuse: [] })
        continue
      }
      clock.moveTo(record.arrivedAt)
      limits.moveTo(clock.now(), clock.now() + record.durationMs)
      failure = record.refusedBy === undefined && record.code !== 'none' ? record.code : undefined
      const call = callOf(record, operation)
      const answer = await dryRun.send(call, consumer, 'enforce')
      result.tally.add(record, outcomeOf(answer, failure))
    }
  } finally {
    await dryRun.close()
  }
  return result
}

async function* records(
  lines: AsyncIterable<string>,
  result: Replayed,
): AsyncGenerator<AccessRecord> {
  for await (const line of lines) {
    if (line === '') continue
    const record = parseAccessLine(line)
    if (record === 'garbage') result.garbage++
    if (record === undefined || record === 'garbage') continue
    result.calls++
    result.sampled = Math.min(result.sampled, record.sampled)
    if (record.refusedBy !== undefined && UNSEEN_STEPS.includes(record.refusedBy)) {
      result.notReplayed++
    } else {
      yield record
    }
  }
}

function answerOf(failure: string | undefined): Reply {
  if (failure !== undefined) throw new Problem(isProblemCode(failure) ? failure : 'internal')
  return { status: 200, headers: [], body: EMPTY }
}

function outcomeOf({ reply, trail }: DryAnswer, failure: string | undefined): Outcome {
  const refused = trail.find(({ decision }) => decision === 'refuse')
  // Nothing but the operation, which failed as it was told to, answers an error without a verdict.
  const code = codeOf(reply)
  invariant(refused || code === 'none' || failure !== undefined, `a replayed call came to ${code}`)
  const wouldRefuse = trail.filter(({ decision }) => decision === 'would-refuse')
  const cache = trail.find(({ step }) => step === 'cached')?.decision ?? 'none'
  const refusal = refused && { step: refused.step, policy: refused.policy, code }
  return { refusal, cache, wouldRefuse }
}

const codeOf = ({ body }: Reply): string =>
  body.kind === 'json' ? String((body.value as { code?: unknown }).code) : 'none'

/** Stands at the time of the call that is being replayed; it never steps back. */
class RecordedClock implements Clock {
  #now = 0

  moveTo(at: number): void {
    this.#now = Math.max(this.#now, at)
  }
  /** Whole, as wall time is. */
  now(): number {
    return Math.floor(this.#now)
  }
  monotonic(): number {
    return this.#now
  }
  async sleep(): Promise<void> {}
}
