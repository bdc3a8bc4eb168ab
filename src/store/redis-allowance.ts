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
 * So long after Redis has started, ms, every process has found it again (open-redis.ts) and stops counting
 * alone. Redis tells its start in whole seconds.
 */
const FOUND_BY_ALL_MS = 3_500
/** Two processes may read that start one second apart. */
const APART_MS = 1_000
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

  const silentFor = (ms: number, next: 'shared' | 'alone'): State => ({
    name: 'silent',
    until: clock.monotonic() + ms,
    next,
  })
  const aloneFor = (ms: number): State => ({
    name: 'alone',
    allowance: settings.alone(),
    until: clock.monotonic() + ms,
  })
  const lost = (): void => {
    if (state.name === 'alone') state = { ...state, until: Number.POSITIVE_INFINITY }
    else if (state.name === 'shared' || state.next === 'shared') {
      state = silentFor(windowMs, 'alone')
    }
  }
  /** All processes change over at the same two instants, which they know by when Redis started. */
  const found = async (): Promise<void> => {
    const age = await ageOf(redis).catch(() => 0)
    if (redis.status !== 'ready') return
    // Without a window nothing of before counts any more.
    const isSettled = !window || age > FOUND_BY_ALL_MS + APART_MS + windowMs
    if (isSettled) {
      state = state.name === 'alone' ? silentFor(windowMs, 'shared') : { name: 'shared' }
    } else if (state.name === 'alone') {
      state = { ...state, until: clock.monotonic() + FOUND_BY_ALL_MS - age }
    } else state = silentFor(FOUND_BY_ALL_MS - age + APART_MS + windowMs, 'shared')
  }
  redis.on('close', lost)
  redis.on('ready', found)
  if (redis.status !== 'ready') state = silentFor(FIND_MS, 'alone')

  /** Time may have moved it on. */
  const present = (): State => {
    const now = clock.monotonic()
    if (state.name === 'silent' && now >= state.until) {
      state = state.next === 'shared' ? { name: 'shared' } : aloneFor(Number.POSITIVE_INFINITY)
    }
    if (state.name === 'alone' && now >= state.until) {
      state = silentFor(windowMs + APART_MS, 'shared')
    }
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
      if (redis.status === 'ready') state = silentFor(windowMs, 'shared')
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
      bound.close()
      if (state.name === 'alone') await state.allowance.close()
    },
  }
}

/** How long ago Redis started, ms: up to a second more than it is. */
async function ageOf(redis: RedisClient): Promise<number> {
  const info = await redis.info('server')
  const number = (name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1])
  const now = number('server_time_usec') / 1000
  const startedAt = (Math.floor(now / 1000) - number('uptime_in_seconds')) * 1000
  return now - startedAt
}
