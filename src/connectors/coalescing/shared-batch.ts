import type { ErpCall } from '../../ports/erp.ts'
import type { GatheredRead } from './gathered-read.ts'

/** One call to the ERP that several callers wait for. */
export type SharedBatch<Key, Row> = {
  readonly size: number
  /** Of all who wait for it. */
  readonly workClass: string
  /** The latest deadline of those it was sent for, on the monotonic clock. */
  readonly deadlineAt: number
  /** It has been sent: what it tells may be older than a later question. */
  readonly hasLeft: boolean
  /** Ends when nobody waits for it any more. */
  readonly signal: AbortSignal
  keyTexts(): Iterable<string>
  /** Not after `send`. */
  add(key: Key, call: ErpCall): void
  /** @returns false when it has been sent, or given up, already */
  send(): boolean
  /** @throws the caller's own signal's reason, or what the batch failed with */
  rowsFor(keys: readonly Key[], call: ErpCall): Promise<readonly Row[]>
}

/**
 * @param first its correlation id and trace go with the batch; the others find theirs in our log
 * @param onEnd told once, when the batch has its answer or nobody waits for it any more
 */
export function createBatch<Key, Row>(
  read: Pick<GatheredRead<Key, Row>, 'keyText' | 'rowText' | 'read'>,
  first: ErpCall,
  onEnd: () => void,
): SharedBatch<Key, Row> {
  const keys = new Map<string, Key>()
  const controller = new AbortController()
  const answer = Promise.withResolvers<ReadonlyMap<string, readonly Row[]>>()
  // Who gave up does not look at it.
  answer.promise.catch(() => {})
  let deadlineAt = first.deadlineAt
  let waiting = 0
  let wasSent = false
  let state: 'gathering' | 'sent' | 'ended' = 'gathering'

  const end = (): void => {
    if (state === 'ended') return
    state = 'ended'
    onEnd()
  }

  const ask = async (): Promise<void> => {
    try {
      const call = { ...first, signal: controller.signal, deadlineAt }
      const rows = await read.read([...keys.values()], call)
      answer.resolve(Map.groupBy(rows, row => read.rowText(row)))
    } catch (error) {
      answer.reject(error)
    } finally {
      end()
    }
  }

  const leave = (): void => {
    waiting--
    if (waiting > 0 || state === 'ended') return
    // Before the abort: nobody may join a call that is being given up.
    end()
    controller.abort(new DOMException('nobody waits for it any more', 'AbortError'))
  }

  return {
    get size() {
      return keys.size
    },
    workClass: first.workClass,
    get deadlineAt() {
      return deadlineAt
    },
    get hasLeft() {
      return wasSent
    },
    signal: controller.signal,
    keyTexts: () => keys.keys(),
    add(key, call) {
      keys.set(read.keyText(key), key)
      deadlineAt = Math.max(deadlineAt, call.deadlineAt)
    },
    send() {
      if (state !== 'gathering') return false
      state = 'sent'
      wasSent = true
      void ask()
      return true
    },
    async rowsFor(wanted, { signal, deadlineAt: until }) {
      // One who joins before the call is sent may be more patient than those before.
      if (state === 'gathering') deadlineAt = Math.max(deadlineAt, until)
      waiting++
      const gaveUp = Promise.withResolvers<never>()
      const onAbort = () => gaveUp.reject(signal.reason)
      if (signal.aborted) onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        const rows = await Promise.race([answer.promise, gaveUp.promise])
        return wanted.flatMap(key => rows.get(read.keyText(key)) ?? [])
      } finally {
        signal.removeEventListener('abort', onAbort)
        leave()
      }
    },
  }
}
