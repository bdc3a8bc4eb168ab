import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Clock } from '../kernel/clock.ts'
import type { MaybePromise } from '../kernel/maybe-promise.ts'
import { reservesOf, type WorkClass } from '../model/work-class.ts'
import type { Allowed, ErpAllowance } from '../ports/erp-allowance.ts'
import type { RedisClient } from './admit-script.ts'
import { createTimeBound } from './time-bound.ts'

export type RedisAllowanceSettings = {
  readonly redis: RedisClient
  readonly clock: Clock
  /** `postern` */
  readonly keyPrefix: string
  readonly connection: string
  readonly classes: readonly WorkClass[]
  /** Requests in so long; undefined for any number. */
  readonly window: { readonly most: number; readonly windowMs: number } | undefined
  /** Requests at a time. */
  readonly places: number
  /** A request whose process died has ended after so long. */
  readonly leaseMs: number
  /** This process's part of the budget while Redis is away; made anew each time. */
  alone(): ErpAllowance
}

const lua = readFileSync(new URL('./erp-admit.lua', import.meta.url), 'utf8')

/** Beyond that Redis is not there. */
const ANSWER_WITHIN_MS = 100
/**
 * Longer than the slowest process takes to find Redis again (open-redis.ts): only then do all count there,
 * and none alone.
 */
const SETTLE_MS = 1_500

/** A process that starts waits so long for Redis, ms, before it takes itself for alone. */
const FIND_MS = 2_000

type WithErpAdmit = { posternErpAdmit(...args: (string | number)[]): Promise<[number, number]> }

/** Who lets requests out: Redis for all processes, or this process its part, and nobody in between. */
type State =
  | { readonly name: 'shared' }
  | { readonly name: 'alone'; readonly allowance: ErpAllowance; readonly until: number }
  | { readonly name: 'silent'; readonly until: number; readonly next: 'shared' | 'alone' }

/**
 * A budget that all processes share by Redis. Without Redis each keeps to its part of it. Between the
 * two nobody sends anything for as long as a window is: what was sent by the one rule must have left
 * the ERP's window before the other begins, so that not even a restart of Redis lets one call too many out.
 */
export function createRedisAllowance(settings: RedisAllowanceSettings): ErpAllowance {
  const { redis, clock, classes, window, places, leaseMs, connection } = settings
  redis.defineCommand('posternErpAdmit', { lua })
  const client = redis as RedisClient & WithErpAdmit
  const bound = createTimeBound(clock, ANSWER_WITHIN_MS)
  const names = classes.map(({ name }) => name)
  // Whoever is of no class that the policies know shares the last one's room.
  const indexOf = (workClass: string) => {
    const i = names.indexOf(workClass)
    return i < 0 ? names.length - 1 : i
  }
  const key = (kind: string, name: string) =>
    `${settings.keyPrefix}{erp:${connection}}:${kind}:${name}`
  const keys = [...names.map(name => key('sent', name)), ...names.map(name => key('under', name))]
  const asideFor = (capacity: number) => [...reservesOf(classes, capacity).values()]
  const asides = [...asideFor(window?.most ?? 0), ...asideFor(places)]
  const windowMs = window?.windowMs ?? 0
  const processId = randomUUID()
  let requests = 0
  let state: State = { name: 'shared' }

  const silence = (next: 'shared' | 'alone'): State => ({
    name: 'silent',
    until: clock.monotonic() + windowMs,
    next,
  })
  const lost = (): void => {
    if (state.name === 'shared') state = silence('alone')
    else if (state.name === 'alone') state = { ...state, until: Number.POSITIVE_INFINITY }
    else if (state.next === 'shared') state = silence('alone')
  }
  const found = (): void => {
    if (state.name === 'alone') state = { ...state, until: clock.monotonic() + SETTLE_MS }
    else if (state.name === 'silent' && state.next === 'alone') {
      state = { name: 'silent', until: clock.monotonic() + SETTLE_MS + windowMs, next: 'shared' }
    }
  }
  redis.on('close', lost)
  redis.on('ready', found)
  // This process has sent nothing yet, but others may be alone still, if Redis is young.
  const begin = async (): Promise<void> => {
    const settled = await upFor(redis).then(
      ms => ms > SETTLE_MS + windowMs,
      () => false,
    )
    if (settled && state.name === 'silent') state = { name: 'shared' }
    else found()
  }
  if (redis.status !== 'ready') {
    state = { name: 'silent', until: clock.monotonic() + FIND_MS, next: 'alone' }
    redis.once('ready', begin)
  }

  function aloneNow(): State {
    const until =
      redis.status === 'ready' ? clock.monotonic() + SETTLE_MS : Number.POSITIVE_INFINITY
    return { name: 'alone', allowance: settings.alone(), until }
  }

  /** Time may have moved it on. */
  const present = (): State => {
    const now = clock.monotonic()
    if (state.name === 'silent' && now >= state.until) {
      state = state.next === 'shared' ? { name: 'shared' } : aloneNow()
    }
    if (state.name === 'alone' && now >= state.until) state = silence('shared')
    return state
  }

  const askRedis = async (workClass: string): Promise<Allowed> => {
    const mine = indexOf(workClass)
    const id = `${processId}:${requests++}`
    const place = keys[names.length + mine] ?? ''
    const giveBack = () => void redis.zrem(place, id).catch(() => {})
    const reply = client.posternErpAdmit(
      keys.length,
      ...keys,
      mine + 1,
      id,
      leaseMs,
      window?.most ?? 0,
      windowMs,
      places,
      ...asides,
    )
    try {
      const [ok, againInMs] = await bound.within(reply)
      return ok === 1 ? { ok: true, giveBack } : { ok: false, againInMs }
    } catch {
      // Whatever Redis says later of this request: it has not been sent.
      reply.then(giveBack, () => {})
      // Slow, not gone: the others count there still, so this one waits rather than count alone.
      if (redis.status === 'ready') state = silence('shared')
      else lost()
      return { ok: false, againInMs: Math.max(1, windowMs) }
    }
  }

  return {
    take(workClass): MaybePromise<Allowed> {
      const now = present()
      if (now.name === 'shared') return askRedis(workClass)
      if (now.name === 'alone') return now.allowance.take(workClass)
      return { ok: false, againInMs: now.until - clock.monotonic() }
    },
    async close() {
      redis.off('close', lost)
      redis.off('ready', found)
      redis.off('ready', begin)
      bound.close()
      if (state.name === 'alone') await state.allowance.close()
    },
  }
}

/** How long Redis has been up, ms. */
async function upFor(redis: RedisClient): Promise<number> {
  const [, seconds] = /uptime_in_seconds:(\d+)/.exec(await redis.info('server')) ?? []
  return Number(seconds) * 1000
}
