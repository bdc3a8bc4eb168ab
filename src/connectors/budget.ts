import type { Clock } from '../kernel/clock.ts'
import { UpstreamFailure } from '../kernel/upstream-failure.ts'
import type { ErpCall, ErpConnection } from '../ports/erp.ts'

/** What an ERP bears of this process. */
export type ErpBudget = { readonly perSecond: number }

/**
 * Keeps the calls that really leave for an ERP within its budget: stands innermost, so that batches, retries
 * and log-ins' repetitions count. What does not fit waits for its turn; what would wait past its deadline is
 * refused as `busy` before anything is sent.
 */
export function withBudget(
  connection: ErpConnection,
  budget: ErpBudget | undefined,
  clock: Clock,
): ErpConnection {
  if (!budget) return connection
  const pace = createPace(budget.perSecond)
  const { name, capabilities, inventory, pricing, orders } = connection

  const within =
    <A, R>(callName: string, send: (asked: A, call: ErpCall) => Promise<R>) =>
    async (asked: A, call: ErpCall): Promise<R> => {
      const now = clock.monotonic()
      const at = pace.take(now, call.deadlineAt)
      if (typeof at === 'object') throw overBudget(name, callName, at.freeInMs / 1000)
      if (at > now) await clock.sleep(at - now, call.signal)
      return send(asked, call)
    }

  return {
    name,
    capabilities,
    ...(inventory && {
      inventory: { readStock: within('inventory.readStock', (k, c) => inventory.readStock(k, c)) },
    }),
    ...(pricing && {
      pricing: { readPrices: within('pricing.readPrices', (k, c) => pricing.readPrices(k, c)) },
    }),
    ...(orders && {
      orders: {
        find: within('orders.find', (r, c) => orders.find(r, c)),
        create: within('orders.create', (o, c) => orders.create(o, c)),
        cancel: within('orders.cancel', (o, c) => orders.cancel(o, c)),
      },
    }),
    ping: call => within('ping', (_, c) => connection.ping(c))(undefined, call),
    close: () => connection.close(),
  }
}

/** Gives out instants such that no window holds more of them than it may. */
export interface Pace {
  /** @returns the instant to begin at; or how long it would take until there is one before `latest` */
  take(now: number, latest: number): number | { readonly freeInMs: number }
}

/** @param perSecond at most so many in any second; under 1, one in so many seconds */
export function createPace(perSecond: number): Pace {
  const most = Math.max(1, Math.floor(perSecond))
  const windowMs = (most / perSecond) * 1000
  /** The last instants given out, as many as a window holds; the oldest is at `next`. */
  const given = new Array<number>(most).fill(Number.NEGATIVE_INFINITY)
  let next = 0
  return {
    take(now, latest) {
      const at = Math.max(now, (given[next] ?? 0) + windowMs)
      if (at >= latest && at > now) return { freeInMs: at - now }
      given[next] = at
      next = (next + 1) % most
      return at
    },
  }
}

const overBudget = (connection: string, call: string, seconds: number): UpstreamFailure =>
  new UpstreamFailure('busy', `${connection}: ${call}: the budget is used up`, {
    connection,
    call,
    proxyError: 'connection_limit_reached',
    retryAfterSeconds: Math.max(1, Math.ceil(seconds)),
  })
