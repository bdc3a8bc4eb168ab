import type { Clock } from '../../kernel/clock.ts'
import { UpstreamFailure } from '../../kernel/upstream-failure.ts'
import type { CoalescingMetrics } from '../../ports/coalescing-metrics.ts'
import type { ErpCall } from '../../ports/erp.ts'
import { failure } from '../failures.ts'
import type { GatheredRead } from './gathered-read.ts'
import { createBatch, type SharedBatch } from './shared-batch.ts'

export type GatherDeps = {
  readonly clock: Clock
  readonly metrics: CoalescingMetrics
  /** How long the first of a batch waits for others, ms. */
  readonly gatherMs: number
  /** Full batches of a work class that are on their way at a time. */
  readonly maxUnderWay: number
}

/**
 * A batch that is not full waits for one of so many before it to come back, and goes on gathering (RFC 896 does
 * so with small packets): the busier an ERP is, the more is asked by one call.
 */
const NOT_FULL_UNDER_WAY = 2
/** Soon enough before a deadline, ms, to be answered by what is known. */
const BEFORE_DEADLINE_MS = 20
/** What a timer can count. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
/** An error of our timers: one that fires this much early has still fired at the deadline, ms. */
const TIMER_ERROR_MS = 5

/**
 * Joins the reads of concurrent callers: what is asked within `gatherMs` goes out as one call, and a key
 * that is being asked for is not asked for again. Work classes are kept apart, so that a till never
 * waits behind a crawler's batch.
 *
 * Each caller keeps its own deadline. A batch lives as long as the most patient of those it was sent
 * for, and ends when nobody waits for it any more.
 */
export function gathering<Key, Row>(
  read: GatheredRead<Key, Row>,
  { clock, metrics, gatherMs, maxUnderWay }: GatherDeps,
): (keys: readonly Key[], call: ErpCall) => Promise<readonly Row[]> {
  /** By lane: what has not been sent yet. */
  const open = new Map<string, SharedBatch<Key, Row>>()
  /** By lane and key: what has no answer yet. */
  const asked = new Map<string, SharedBatch<Key, Row>>()

  /** Batches that have gathered long enough, the first first, by lane; and how many of each class have left. */
  const ready = new Map<SharedBatch<Key, Row>, string>()
  const underWay = new Map<string, number>()

  const sendReady = (): void => {
    for (const [batch, lane] of ready) {
      const sent = underWay.get(batch.workClass) ?? 0
      if (sent >= (batch.size >= read.maxKeys ? maxUnderWay : NOT_FULL_UNDER_WAY)) continue
      ready.delete(batch)
      if (open.get(lane) === batch) open.delete(lane)
      if (!batch.send()) continue
      underWay.set(batch.workClass, sent + 1)
      metrics.sent(read.name, batch.size)
    }
  }
  const makeReady = (lane: string, batch: SharedBatch<Key, Row>): void => {
    ready.set(batch, lane)
    sendReady()
  }

  const openBatch = (lane: string, call: ErpCall): SharedBatch<Key, Row> => {
    const batch = createBatch(read, call, () => {
      if (open.get(lane) === batch) open.delete(lane)
      ready.delete(batch)
      if (batch.hasLeft) {
        underWay.set(batch.workClass, (underWay.get(batch.workClass) ?? 1) - 1)
        sendReady()
      }
      for (const key of batch.keyTexts()) {
        const text = `${lane}\n${key}`
        if (asked.get(text) === batch) asked.delete(text)
      }
    })
    open.set(lane, batch)
    clock.sleep(gatherMs, batch.signal).then(
      () => makeReady(lane, batch),
      // Everybody gave up while it was being gathered.
      () => {},
    )
    return batch
  }

  /** The batch that will answer a key: one under way, the one being gathered, or a new one. */
  const batchFor = (key: Key, call: ErpCall): SharedBatch<Key, Row> => {
    const lane = `${call.workClass}\n${read.laneOf(key)}`
    const text = `${lane}\n${read.keyText(key)}`
    const underWay = asked.get(text)
    if (underWay && !(call.readThrough && underWay.hasLeft)) return underWay
    const batch = open.get(lane) ?? openBatch(lane, call)
    batch.add(key, call)
    asked.set(text, batch)
    if (batch.size >= read.maxKeys) {
      // Full: the next one begins another, even if this one cannot leave yet.
      if (open.get(lane) === batch) open.delete(lane)
      makeReady(lane, batch)
    }
    return batch
  }

  const answerFor = async (
    batch: SharedBatch<Key, Row>,
    keys: readonly Key[],
    call: ErpCall,
  ): Promise<readonly Row[]> => {
    const over = new AbortController()
    try {
      return await Promise.race([batch.rowsFor(keys, call), unsent(batch, call, over.signal)])
    } catch (error) {
      if (!(error instanceof UpstreamFailure) || call.signal.aborted) throw error
      // Another's impatience, or another's bad key, must not become this caller's failure.
      const ended = clock.monotonic() >= batch.deadlineAt - TIMER_ERROR_MS
      if (ended && call.deadlineAt > batch.deadlineAt) return gather(keys, call)
      if (error.kind !== 'rejected' || batch.size === keys.length) throw error
      metrics.sent(read.name, keys.length)
      return read.read(keys, call)
    } finally {
      over.abort()
    }
  }

  /** Sends a caller away whose batch still has not left when its own time is nearly up. */
  const unsent = async (
    batch: SharedBatch<Key, Row>,
    { deadlineAt }: ErpCall,
    signal: AbortSignal,
  ): Promise<never> => {
    const left = deadlineAt - clock.monotonic() - BEFORE_DEADLINE_MS
    await clock.sleep(Math.min(LONGEST_TIMER_MS, Math.max(0, left)), signal).catch(() => {})
    if (signal.aborted || batch.hasLeft) return new Promise(() => {})
    throw failure(
      'busy',
      'no call ended in time',
      { connection: read.connection, call: read.name },
      {
        proxyError: 'connection_limit_reached',
        retryAfterSeconds: 1,
      },
    )
  }

  const gather = async (keys: readonly Key[], call: ErpCall): Promise<readonly Row[]> => {
    call.signal.throwIfAborted()
    const parts = new Map<SharedBatch<Key, Row>, Key[]>()
    for (const key of keys) {
      const batch = batchFor(key, call)
      const part = parts.get(batch)
      if (part) part.push(key)
      else parts.set(batch, [key])
    }
    const answers = [...parts].map(([batch, part]) => answerFor(batch, part, call))
    return (await Promise.all(answers)).flat()
  }

  return async (keys, call) => {
    metrics.asked(read.name, keys.length)
    return gather(keys, call)
  }
}
