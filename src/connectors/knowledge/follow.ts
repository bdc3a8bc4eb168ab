import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import { UpstreamFailure } from '../../kernel/upstream-failure.ts'
import type { ErpChange } from '../../model/erp-change.ts'
import { type StockKey, stockKeyOf, stockKeyText } from '../../model/stock.ts'
import type { ErpCall, ErpConnection } from '../../ports/erp.ts'
import type { Knowledge } from './knowledge.ts'

export type FollowSettings = {
  readonly connection: ErpConnection
  readonly knowledge: Knowledge
  /** Without it, only what others tell of is taken over. */
  readonly pollMs: number | undefined
  /** What refreshing is counted as: nobody waits for it. */
  readonly workClass: string
  readonly clock: Clock
  readonly logger: Logger
  /** Told of what is not as it was, when it can be answered anew. */
  changed(things: ChangedThings): void
}

export type ChangedThings = {
  readonly stock: readonly string[]
  readonly prices: readonly string[]
}

/** Takes changes over: from the ERP's own list of them, or from whoever else tells of one. */
export interface Follower {
  take(changes: readonly ErpChange[]): Promise<void>
  close(): Promise<void>
}

/** What was read in so long is asked for anew at once when it changes; the rest when it is read again. */
const READ_LATELY_MS = 30_000
/** Keys that are refreshed by one poll at most, in batches of the ERP's own. */
const REFRESHED_MAX = 5_000
/** An ERP that fails is asked less and less often what has changed. */
const LONGEST_PAUSE_MS = 5_000
const CALL_MS = 10_000

/**
 * Keeps what is known of an ERP as the ERP has it. Where it tells what changes, that is asked for every
 * `pollMs`; where it does not, what was read lately is read again instead.
 */
export function followErp(settings: FollowSettings): Follower {
  const { connection, knowledge, pollMs, workClass, clock, logger, changed } = settings
  const { stock, prices, watch } = knowledge
  const closing = new AbortController()
  let cursor: string | undefined
  let since = Number.POSITIVE_INFINITY

  const call = (): ErpCall => ({
    signal: closing.signal,
    deadlineAt: clock.monotonic() + CALL_MS,
    correlationId: `postern-changes-${connection.name}`,
    workClass,
    readThrough: true,
  })

  /** Reads keys again and keeps what is told; what could not be read is outdated. */
  const refresh = async (keys: readonly StockKey[]): Promise<void> => {
    if (keys.length === 0 || !connection.inventory) return
    const askedAt = clock.now()
    try {
      const rows = await connection.inventory.readStock(keys, call())
      const told = new Map(rows.map(row => [stockKeyText(row), row]))
      for (const key of keys) {
        const text = stockKeyText(key)
        const row = told.get(text)
        const known = { value: row, askedAt: row?.requestedAt ?? askedAt, erpSeq: row?.erpSeq }
        stock.shelf.put(text, known)
      }
    } catch (error) {
      if (!(error instanceof UpstreamFailure)) throw error
      for (const key of keys) stock.shelf.outdate(stockKeyText(key), { askedAt })
    }
  }

  const take = async (changes: readonly ErpChange[]): Promise<void> => {
    const now = clock.now()
    const keys = new Map<string, StockKey>()
    for (const change of changes) {
      const { erpSeq } = change
      if (change.kind === 'price') {
        prices.shelf.outdate(change.sku, { askedAt: now, erpSeq })
        continue
      }
      const text = stockKeyText(change)
      const readAt = stock.shelf.lastRead(text)
      const isHot = readAt !== undefined && now - readAt <= READ_LATELY_MS
      if (isHot && keys.size < REFRESHED_MAX) keys.set(text, change)
      else stock.shelf.outdate(text, { askedAt: now, erpSeq })
    }
    await refresh([...keys.values()].map(({ sku, location }) => ({ sku, location })))
    const skusOf = (kind: ErpChange['kind']) => [
      ...new Set(changes.filter(change => change.kind === kind).map(({ sku }) => sku)),
    ]
    changed({ stock: skusOf('stock'), prices: skusOf('price') })
  }

  /** @returns whether there is more to be told at once */
  const askForChanges = async (changes: NonNullable<ErpConnection['changes']>) => {
    const askedAt = clock.now()
    const answer = await changes.since(cursor, call())
    if (cursor === undefined) since = clock.now()
    if (answer.changes.length) {
      stock.metrics.changed(answer.changes.length, askedAt - (watch.upTo ?? askedAt))
      await take(answer.changes)
    }
    cursor = answer.cursor
    if (!answer.more) watch.told(since, askedAt)
    return answer.more
  }

  const readAgain = async (): Promise<false> => {
    const lately = clock.now() - READ_LATELY_MS
    const keys = [...stock.shelf.readSince(lately)].slice(0, REFRESHED_MAX).map(stockKeyOf)
    const before = new Map(keys.map(key => [key, onHandOf(stockKeyText(key))]))
    await refresh(keys)
    const different = keys.filter(key => before.get(key) !== onHandOf(stockKeyText(key)))
    if (different.length) {
      changed({ stock: [...new Set(different.map(({ sku }) => sku))], prices: [] })
    }
    return false
  }
  const onHandOf = (key: string): bigint | undefined => stock.shelf.peek(key)?.value?.onHand.micros

  const following = pollMs === undefined ? Promise.resolve() : keepAsking(pollMs)

  async function keepAsking(pollMs: number): Promise<void> {
    let pauseMs = pollMs
    while (!closing.signal.aborted) {
      try {
        const { changes } = connection
        const more = await (changes ? askForChanges(changes) : readAgain())
        pauseMs = more ? 0 : pollMs
      } catch (error) {
        if (closing.signal.aborted) return
        pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(pollMs, pauseMs * 2))
        if (error instanceof UpstreamFailure && error.kind === 'rejected') {
          // The list does not reach back so far: what is known may have changed unheard.
          logger.warn({ error, connection: connection.name }, 'changes at the ERP were missed')
          cursor = undefined
        } else
          logger.debug({ error, connection: connection.name }, 'the ERP does not say what changed')
      }
      if (pauseMs > 0) await clock.sleep(pauseMs, closing.signal).catch(() => {})
    }
  }

  return {
    take,
    async close() {
      closing.abort(new DOMException('the gateway is closing', 'AbortError'))
      await following
    },
  }
}
