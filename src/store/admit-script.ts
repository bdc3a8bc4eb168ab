import { readFileSync } from 'node:fs'
import type { Cluster, Redis } from 'ioredis'
import type { Limits } from '../model/limits.ts'
import type { QuotaPlace } from './owed-quota.ts'

/** One Redis, or a cluster of them. */
export type RedisClient = Redis | Cluster

/** What Redis counted, after the call. */
export type RedisCount = {
  readonly allowed: boolean
  readonly tokens: number
  readonly quotaUsed: number
  readonly inFlight: number
}

export type AdmitCall = {
  readonly key: string
  readonly limits: Limits
  readonly cost: number
  /** The running quota period, where the plan has a quota. */
  readonly place: QuotaPlace
  readonly quotaLeftMs: number
  /** Units used while Redis did not answer, to be counted now. */
  readonly owed: number
  readonly leaseId: string
  readonly leaseMs: number
}

type AdmitReply = [allowed: number, tokens: string, quotaUsed: number, inFlight: number]
type WithAdmit = { posternAdmit(...args: (string | number)[]): Promise<AdmitReply> }

const lua = readFileSync(new URL('./admit.lua', import.meta.url), 'utf8')

/** The script that decides in Redis, and the keys it works on. */
export function createAdmitScript(redis: RedisClient, keyPrefix: string) {
  redis.defineCommand('posternAdmit', { numberOfKeys: 3, lua })
  const client = redis as RedisClient & WithAdmit

  /* The braces keep a consumer's keys on one node of a cluster. */
  const bucketKey = (key: string) => `${keyPrefix}{${key}}:rate`
  const quotaKey = ({ key, window, startsAt }: QuotaPlace) =>
    `${keyPrefix}{${key}}:quota:${window}:${startsAt}`
  const slotsKey = (key: string) => `${keyPrefix}{${key}}:slots`

  return {
    /** @throws whatever ioredis rejects with */
    async admit(call: AdmitCall): Promise<RedisCount> {
      const { key, limits, cost } = call
      const { rate, quota, concurrency } = limits
      const [allowed, tokens, quotaUsed, inFlight] = await client.posternAdmit(
        bucketKey(key),
        quotaKey(call.place),
        slotsKey(key),
        cost,
        rate?.burst ?? 0,
        rate?.perSecond ?? 0,
        quota?.units ?? 0,
        Math.ceil(call.quotaLeftMs),
        call.owed,
        concurrency?.max ?? 0,
        call.leaseId,
        call.leaseMs,
      )
      return { allowed: allowed === 1, tokens: Number(tokens), quotaUsed, inFlight }
    },
    /** Ends a lease. When Redis does not take it, the lease ends by itself. */
    giveBack(key: string, leaseId: string): void {
      redis.zrem(slotsKey(key), leaseId).catch(() => {})
    },
  }
}
