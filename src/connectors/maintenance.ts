import type { Clock } from '../kernel/clock.ts'
import { UpstreamFailure } from '../kernel/upstream-failure.ts'
import { createWindows, type Window } from '../model/windows.ts'
import type { ErpCall, ErpConnection } from '../ports/erp.ts'

/** A connection that is left alone while its ERP is known to be away. */
export type MaintainedConnection = ErpConnection & {
  /** Replaces the windows; calls under way are not concerned. */
  maintainDuring(windows: readonly Window[]): void
}

/**
 * Refuses calls in a maintenance window as `unreachable` before anything is sent, so that what is known
 * is served stale and the rest is told when to come back.
 */
export function withMaintenance(connection: ErpConnection, clock: Clock): MaintainedConnection {
  let windows = createWindows([])
  const { name, capabilities, inventory, pricing, orders, movements, changes } = connection

  const outside =
    <A, R>(callName: string, send: (asked: A, call: ErpCall) => Promise<R>) =>
    async (asked: A, call: ErpCall): Promise<R> => {
      const now = clock.now()
      const { within, until } = windows.at(now)
      if (within) throw away(name, callName, (until - now) / 1000)
      return send(asked, call)
    }

  return {
    name,
    capabilities,
    ...(inventory && {
      inventory: { readStock: outside('inventory.readStock', (k, c) => inventory.readStock(k, c)) },
    }),
    ...(pricing && {
      pricing: { readPrices: outside('pricing.readPrices', (k, c) => pricing.readPrices(k, c)) },
    }),
    ...(orders && {
      orders: {
        find: outside('orders.find', (r, c) => orders.find(r, c)),
        create: outside('orders.create', (o, c) => orders.create(o, c)),
        cancel: outside('orders.cancel', (o, c) => orders.cancel(o, c)),
      },
    }),
    ...(movements && {
      movements: {
        find: outside('movements.find', (r, c) => movements.find(r, c)),
        create: outside('movements.create', (m, c) => movements.create(m, c)),
      },
    }),
    ...(changes && {
      changes: { since: outside('changes.since', (at, c) => changes.since(at, c)) },
    }),
    ping: call => outside('ping', (_, c) => connection.ping(c))(undefined, call),
    close: () => connection.close(),
    maintainDuring(list) {
      windows = createWindows(list)
    },
  }
}

const away = (connection: string, call: string, leftSeconds: number): UpstreamFailure =>
  new UpstreamFailure('unreachable', `${connection}: ${call}: the ERP is being maintained`, {
    connection,
    call,
    proxyError: 'destination_unavailable',
    retryAfterSeconds: Math.max(1, Math.ceil(leftSeconds)),
  })
