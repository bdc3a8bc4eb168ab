import { randomUUID } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'
import { Cluster } from 'ioredis'
import type { Clock } from '../kernel/clock.ts'
import type { RedisClient } from './admit-script.ts'
import { createTimeBound } from './time-bound.ts'

/** What is told among the processes that share a Redis. */
export interface Channel<News> {
  tell(news: News): void
  /** @param hear with `undefined` when something may not have been heard: a connection was lost */
  listen(hear: (news: News | undefined) => void): void
  /** Whether this process is the one, until it has not asked for a while; true where nobody can tell. */
  leads(): Promise<boolean>
}

/** A leader that has not asked again for so long, ms, is none. */
const LEAD_MS = 2_000

/** A Redis that is slower, ms, leads nobody. */
const ANSWER_WITHIN_MS = 250

/** Keeps the lead of whoever has it. KEYS 1 lead; ARGV 1 who, 2 ms */
const LEAD = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0
`

type WithLead = { posternLead(key: string, who: string, ms: number): Promise<number> }

/** Names of channels and leads begin so. */
const PREFIX = 'postern:news:'

/** One connection that listens for all channels of a process. */
export function openChannels(redis: RedisClient, clock: Clock) {
  const bound = createTimeBound(clock, ANSWER_WITHIN_MS)
  redis.defineCommand('posternLead', { numberOfKeys: 1, lua: LEAD })
  const client = redis as RedisClient & WithLead
  const self = randomUUID()
  const listeners = new Map<string, ((news: unknown) => void)[]>()
  const subscriber: RedisClient = redis instanceof Cluster ? redis.duplicate() : redis.duplicate()
  subscriber.on('error', () => {
    // Told of by the connection that this one is a copy of.
  })
  const heard = new Set<string>()
  const subscribe = (name: string): void => {
    subscriber.subscribe(PREFIX + name).then(
      () => heard.add(name),
      () => {},
    )
  }
  subscriber.on('ready', () => {
    for (const name of listeners.keys()) subscribe(name)
  })
  subscriber.on('close', () => {
    heard.clear()
    for (const all of listeners.values()) for (const hear of all) hear(undefined)
  })
  subscriber.on('messageBuffer', (channel: Buffer, message: Buffer) => {
    const { from, news } = deserialize(message) as { from: string; news: unknown }
    if (from === self) return
    for (const hear of listeners.get(String(channel).slice(PREFIX.length)) ?? []) hear(news)
  })
  return {
    channel<News>(name: string): Channel<News> {
      return {
        tell(news) {
          client.publish(PREFIX + name, serialize({ from: self, news })).catch(() => {})
        },
        listen(hear) {
          const all = listeners.get(name) ?? []
          all.push(hear as (news: unknown) => void)
          listeners.set(name, all)
          if (subscriber.status === 'ready') subscribe(name)
        },
        async leads() {
          // Who does not hear the others yet must not rely on them.
          if (!heard.has(name)) return true
          const asked = client.posternLead(`${PREFIX}${name}:lead`, self, LEAD_MS)
          return bound.within(asked).then(
            answer => answer === 1,
            () => true,
          )
        },
      }
    },
    async close(): Promise<void> {
      bound.close()
      subscriber.disconnect()
    },
  }
}

export type Channels = ReturnType<typeof openChannels>
