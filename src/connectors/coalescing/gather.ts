import type { Clock } from '../../kernel/clock.ts'
import { UpstreamFailure } from '../../kernel/upstream-failure.ts'
import type { CoalescingMetrics } from '../../ports/coalescing-metrics.ts'
import type { ErpCall } from '../../ports/erp.ts'
import type { GatheredRead } from './gathered-read.ts'
import { createBatch, type SharedBatch } from './shared-batch.ts'

export type GatherDeps = {
  readonly clock: Clock
  readonly metrics: CoalescingMetrics
  /** How long the first of a batch waits for others, ms. */
  readonly gatherMs: number
}

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
  { clock, metrics, gatherMs }: GatherDeps,
): (keys: readonly Key[], call: ErpCall) => Promise<readonly Row[]> {
  /** By lane: what has not been sent yet. */
  const open = new Map<string, SharedBatch<Key, Row>>()
  /** By lane and key: what has no answer yet. */
  const asked = new Map<string, SharedBatch<Key, Row>>()

  const send = (lane: string, batch: SharedBatch<Key, Row>): void => {
    if (open.get(lane) === batch) open.delete(lane)
    if (!batch.send()) return
    metrics.sent(read.name, batch.size)
  }

  const openBatch = (lane: string, call: ErpCall): SharedBatch<Key, Row> => {
    const batch = createBatch(read, call, () => {
      if (open.get(lane) === batch) open.delete(lane)
      for (const key of batch.keyTexts()) {
        const text = `${lane}\n${key}`
        if (asked.get(text) === batch) asked.delete(text)
      }
    })
    open.set(lane, batch)
    clock.sleep(gatherMs, batch.signal).then(
      () => send(lane, batch),
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
    if (batch.size >= read.maxKeys) send(lane, batch)
    return batch
  }

  const answerFor = async (
    batch: SharedBatch<Key, Row>,
    keys: readonly Key[],
    call: ErpCall,
  ): Promise<readonly Row[]> => {
    try {
      return await batch.rowsFor(keys, call)
    } catch (error) {
      if (!(error instanceof UpstreamFailure) || call.signal.aborted) throw error
      // Another's impatience, or another's bad key, must not become this caller's failure.
      const ended = clock.monotonic() >= batch.deadlineAt - TIMER_ERROR_MS
      if (ended && call.deadlineAt > batch.deadlineAt) return gather(keys, call)
      if (error.kind !== 'rejected' || batch.size === keys.length) throw error
      metrics.sent(read.name, keys.length)
      return read.read(keys, call)
    }
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
