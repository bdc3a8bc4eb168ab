import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { QuotaStore, QuotaUsage } from '../ports/quota-store.ts'
import type { LimitAccount } from './limit-account.ts'

/** Between two saves: what a process that is killed may forget. */
const SAVE_EVERY_MS = 1000

export type QuotaKeeperSettings = {
  readonly clock: Clock
  readonly store: QuotaStore
  readonly logger: Logger
  /** Takes in what was used before this process began. */
  remember(usages: readonly QuotaUsage[]): void
}

/**
 * Keeps quota counts over a restart: loads them once, then writes those that changed behind the
 * calls, in batches. A store that fails is tried again every second; nothing waits for it.
 */
export function createQuotaKeeper({ clock, store, logger, remember }: QuotaKeeperSettings) {
  const closing = new AbortController()
  let changed: LimitAccount[] = []
  let loaded = false
  let failing = false

  /** Nothing is saved before the load: what this process counted so far has to be added to it first. */
  const load = async () => {
    remember(await store.load(clock.now()))
    loaded = true
  }

  const save = async () => {
    if (changed.length === 0) return
    const batch = changed
    changed = []
    const usages = batch.map(toUsage)
    for (const account of batch) account.dirty = false
    try {
      await store.save(usages)
    } catch (error) {
      batch.forEach(note)
      throw error
    }
  }

  const turn = async () => {
    try {
      if (!loaded) await load()
      await save()
      if (failing) logger.info({}, 'quota counts are saved again')
      failing = false
    } catch (error) {
      if (!failing) logger.error({ error }, 'quota counts cannot be saved or loaded; trying again')
      failing = true
    }
  }

  const note = (account: LimitAccount) => {
    if (account.dirty) return
    account.dirty = true
    changed.push(account)
  }

  const first = turn()
  const work = first.then(async () => {
    while (!closing.signal.aborted) {
      await clock.sleep(SAVE_EVERY_MS, closing.signal).catch(() => {})
      await turn()
    }
  })

  return {
    /** The account's used quota has changed. */
    note,
    /** Resolves when the first load was tried; a store that failed has been logged. */
    ready: first,
    /** Saves what is left. */
    async close(): Promise<void> {
      closing.abort()
      await work
      await turn()
    },
  }
}

const toUsage = (account: LimitAccount): QuotaUsage => ({
  key: account.key,
  window: account.window ?? '',
  startsAt: account.startsAt,
  endsAt: account.endsAt,
  used: account.quotaUsed,
})
