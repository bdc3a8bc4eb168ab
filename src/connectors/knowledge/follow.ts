import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import { UpstreamFailure } from '../../kernel/upstream-failure.ts'
import type { ErpChange } from '../../model/erp-change.ts'
import { stockKeyOf, stockKeyText } from '../../model/stock.ts'
import type { ErpCall, ErpConnection } from '../../ports/erp.ts'
import type { Moment } from '../../ports/shared-knowledge.ts'
import type { Knowledge } from './knowledge.ts'
import { holds } from './shelf.ts'

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
  /** Where several processes follow one ERP, one of them asks it and tells the others. */
  readonly circle: Circle | undefined
}

/** The processes that follow one ERP. */
export interface Circle {
  /** Whether it is for this process to ask the ERP. */
  leads(): Promise<boolean>
  /** Tells the others. */
  tell(news: ErpNews): void
  /** @param hear called for what another tells; with `undefined` when something may not have been heard */
  listen(hear: (news: ErpNews | undefined) => void): void
}

export type ErpNews = {
  readonly changes: readonly ErpChange[]
  /** When the ERP was asked for them, epoch ms. */
  readonly heardAt: number
  /** From where on others go on, should they have to. */
  readonly cursor: string
  /** Whether this is all there was then. */
  readonly isAll: boolean
}

/** SKUs whose stock or prices changed, and the references of orders that did. */
export type ChangedThings = {
  readonly stock: readonly string[]
  readonly prices: readonly string[]
  readonly orders: readonly string[]
}

/** Takes changes over: from the ERP's own list of them, or from whoever else tells of one. */
export interface Follower {
  /** @param heardAt when the teller was asked, epoch ms; now for one who tells by themselves */
  take(changes: readonly ErpChange[], heardAt?: number): Promise<void>
  /** What was said of these things is asked for again when somebody reads it. */
  outdate(changes: readonly ErpChange[]): void
  close(): Promise<void>
}

/**
 * After so many unfinished answers in a row we are far behind (the ERP was away): what changed is only outdated
 * then, so that what did not change is soon known to be current again.
 */
const PAGES_BEHIND = 4
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
  const { connection, knowledge, pollMs, workClass, clock, logger, changed, circle } = settings
  const { stock, prices, watch } = knowledge
  const closing = new AbortController()
  let cursor: string | undefined
  let since = Number.POSITIVE_INFINITY
  let isLeading = false
  /** Something may not have been heard: the ERP is asked for what came after the cursor. */
  let mustCatchUp = false
  /** Answers in a row that were not all there was. */
  let unfinished = 0
  // What was read in so long is asked for anew at once when it changes; the rest when it is read again.
  const readLatelyMs = stock.believed.watchedSeconds * 1000

  const call = (): ErpCall => ({
    signal: closing.signal,
    deadlineAt: clock.monotonic() + CALL_MS,
    correlationId: `postern-changes-${connection.name}`,
    workClass,
    readThrough: true,
  })

  /** Makes changed keys known as they are now; what could not be learnt is outdated. */
  const refresh = async (changed: ReadonlyMap<string, Moment>): Promise<void> => {
    if (changed.size === 0 || !connection.inventory) return
    const learnt = await stock.shared?.read([...changed.keys()])
    for (const [key, known] of learnt ?? []) stock.shelf.put(key, known)
    const stillOld = [...changed].filter(([key, change]) => {
      const known = stock.shelf.peek(key)
      return !known || !holds(known, change)
    })
    const mine = (await stock.shared?.claim(stillOld.map(([key]) => key))) ?? changed
    const asked = stillOld.filter(([key]) => mine.has(key))
    const told = await ask(asked.map(([key]) => key))
    for (const [key, change] of stillOld) if (!told.has(key)) stock.shelf.outdate(key, change)
  }

  /** @returns the keys that the ERP has answered */
  const ask = async (keys: readonly string[]): Promise<ReadonlySet<string>> => {
    if (keys.length === 0) return new Set()
    try {
      const rows = (await connection.inventory?.readStock(keys.map(stockKeyOf), call())) ?? []
      const byKey = new Map(rows.map(row => [stockKeyText(row), row]))
      // What is left out may be gone, or the answer a part: whoever reads it asks again.
      const entries = new Map(
        keys.flatMap(key => {
          const row = byKey.get(key)
          return row ? [[key, { value: row, askedAt: row.requestedAt, erpSeq: row.erpSeq }]] : []
        }),
      )
      for (const [key, known] of entries) stock.shelf.put(key, known)
      stock.shared?.write(entries)
      stock.shared?.release(keys.filter(key => !entries.has(key)))
      return new Set(entries.keys())
    } catch (error) {
      stock.shared?.release(keys)
      if (!(error instanceof UpstreamFailure)) throw error
      return new Set()
    }
  }

  const take = async (
    changes: readonly ErpChange[],
    heardAt = clock.now(),
    isBehind = false,
  ): Promise<void> => {
    const now = clock.now()
    const hot = new Map<string, Moment>()
    for (const change of changes) {
      const moment = { askedAt: heardAt, erpSeq: change.erpSeq }
      if (change.kind === 'order') continue
      if (change.kind === 'price') {
        prices.shelf.outdate(change.sku, moment)
        continue
      }
      const key = stockKeyText(change)
      const readAt = stock.shelf.lastRead(key)
      const isHot = readAt !== undefined && now - readAt <= readLatelyMs
      if (isHot && !isBehind && hot.size < REFRESHED_MAX) hot.set(key, moment)
      else stock.shelf.outdate(key, moment)
    }
    await refresh(hot)
    changed(thingsIn(changes))
  }

  /** @returns whether there is more to be told at once */
  const askForChanges = async (changes: NonNullable<ErpConnection['changes']>) => {
    const heardAt = clock.now()
    const answer = await changes.since(cursor, call())
    if (cursor === undefined) since = clock.now()
    const isAll = !answer.more
    if (answer.changes.length) {
      stock.metrics.changed(answer.changes.length, heardAt - (watch.upTo ?? heardAt))
      await take(answer.changes, heardAt, unfinished >= PAGES_BEHIND)
    }
    unfinished = answer.more ? unfinished + 1 : 0
    cursor = answer.cursor
    if (isLeading) circle?.tell({ changes: answer.changes, heardAt, cursor, isAll })
    if (isAll) {
      mustCatchUp = false
      watch.told(since, heardAt)
    }
    return answer.more
  }

  /** One piece of news after the other: what is verified by the second must contain the first. */
  let heard: Promise<void> = Promise.resolve()
  circle?.listen(news => {
    heard = heard.then(async () => {
      if (!news) {
        mustCatchUp = true
        return
      }
      if (news.changes.length) await take(news.changes, news.heardAt)
      // Two may lead for a moment, and who catches up has its own place in the list.
      if (isLeading || mustCatchUp) return
      cursor = news.cursor
      if (news.isAll) watch.told(since, news.heardAt)
    })
    heard = heard.catch(error => logger.warn({ error }, 'news of an ERP could not be taken over'))
  })

  const readAgain = async (): Promise<false> => {
    const lately = clock.now() - readLatelyMs
    const keys = [...stock.shelf.readSince(lately)].slice(0, REFRESHED_MAX).map(stockKeyOf)
    const before = new Map(keys.map(key => [key, onHandOf(stockKeyText(key))]))
    await ask(keys.map(stockKeyText))
    const different = keys.filter(key => before.get(key) !== onHandOf(stockKeyText(key)))
    if (different.length) {
      changed(thingsIn(different.map(key => ({ kind: 'stock', ...key }))))
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
        const leads = !changes || !circle || (await circle.leads())
        // Whoever hands over asks once more: the other's news may begin a little later.
        if (isLeading !== leads) mustCatchUp = true
        await heard
        isLeading = leads
        const asks = isLeading || mustCatchUp
        const more = asks && (await (changes ? askForChanges(changes) : readAgain()))
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
    outdate(changes) {
      const askedAt = clock.now()
      for (const change of changes) {
        if (change.kind === 'price') prices.shelf.outdate(change.sku, { askedAt })
        if (change.kind === 'stock') stock.shelf.outdate(stockKeyText(change), { askedAt })
      }
    },
    async close() {
      closing.abort(new DOMException('the gateway is closing', 'AbortError'))
      await following
    },
  }
}

function thingsIn(changes: readonly ErpChange[]): ChangedThings {
  const stock = new Set<string>()
  const prices = new Set<string>()
  const orders = new Set<string>()
  for (const change of changes) {
    if (change.kind === 'stock') stock.add(change.sku)
    if (change.kind === 'price') prices.add(change.sku)
    if (change.kind === 'order') orders.add(change.reference)
  }
  return { stock: [...stock], prices: [...prices], orders: [...orders] }
}
