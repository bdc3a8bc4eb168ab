import { invariant } from '../kernel/invariant.ts'
import { UpstreamFailure } from '../kernel/upstream-failure.ts'
import type { ChannelId, LocationId } from '../model/brand.ts'
import type { Location } from '../model/network.ts'
import type { ErpCall, ErpConnection } from '../ports/erp.ts'
import type { PriceSource } from '../ports/price-source.ts'
import type { StockSource } from '../ports/stock-source.ts'

/** Which connection serves what; the policy check has seen to it that everything is served once. */
export type Route = {
  readonly connection: string
  readonly locations: readonly LocationId[] | undefined
  readonly regions: readonly string[] | undefined
  readonly channels: readonly ChannelId[] | undefined
}

/** Stock and prices from wherever they are, and where that is. */
export type Routing = {
  readonly stock: StockSource
  readonly prices: PriceSource
  connectionAt(location: LocationId): ErpConnection | undefined
  /** Which ERP states a channel's prices. */
  connectionFor(channel: ChannelId): ErpConnection | undefined
}

/**
 * Sends each key to the connection that serves its location (by name, else by region) or its channel,
 * all connections at the same time. One that fails leaves the others' answers whole.
 */
export function createRouting(
  routes: readonly Route[],
  connections: ReadonlyMap<string, ErpConnection>,
  locations: ReadonlyMap<LocationId, Location>,
): Routing {
  const index = (names: (route: Route) => readonly string[] | undefined) =>
    new Map(routes.flatMap(route => (names(route) ?? []).map(name => [name, connectionOf(route)])))
  const connectionOf = ({ connection }: Route): ErpConnection => {
    const found = connections.get(connection)
    invariant(found, `there is no connection ${connection}`)
    return found
  }
  const byLocation = index(route => route.locations)
  const byRegion = index(route => route.regions)
  const byChannel = index(route => route.channels)

  const connectionAt = (location: LocationId): ErpConnection | undefined =>
    byLocation.get(location) ?? byRegion.get(locations.get(location)?.region ?? '')

  return {
    connectionAt,
    connectionFor: channel => byChannel.get(channel),
    stock: {
      readStock: (keys, call) =>
        askEach(
          keys,
          ({ location }) => connectionAt(location),
          (connection, part) => {
            if (!connection.inventory) throw notOffered(connection.name, 'inventory.readStock')
            return connection.inventory.readStock(part, call)
          },
          call,
        ),
    },
    prices: {
      readPrices: (keys, call) =>
        askEach(
          keys,
          ({ channel }) => byChannel.get(channel),
          (connection, part) => {
            if (!connection.pricing) throw notOffered(connection.name, 'pricing.readPrices')
            return connection.pricing.readPrices(part, call)
          },
          call,
        ),
    },
  }
}

async function askEach<Key, Row>(
  keys: readonly Key[],
  connectionFor: (key: Key) => ErpConnection | undefined,
  ask: (connection: ErpConnection, keys: readonly Key[]) => Promise<readonly Row[]>,
  { signal }: ErpCall,
) {
  const parts = new Map<ErpConnection, Key[]>()
  for (const key of keys) {
    const connection = connectionFor(key)
    invariant(connection, 'a key that no route serves has passed the policy check')
    const part = parts.get(connection)
    if (part) part.push(key)
    else parts.set(connection, [key])
  }
  const rows: Row[] = []
  const failures: { keys: readonly Key[]; failure: UpstreamFailure }[] = []
  await Promise.all(
    [...parts].map(async ([connection, part]) => {
      try {
        rows.push(...(await ask(connection, part)))
      } catch (error) {
        if (!(error instanceof UpstreamFailure) || signal.aborted) throw error
        failures.push({ keys: part, failure: error })
      }
    }),
  )
  return { rows, failures }
}

const notOffered = (connection: string, call: string): UpstreamFailure =>
  new UpstreamFailure('rejected', `${connection}: ${call}: the connector does not offer it`, {
    connection,
    call,
    proxyError: 'proxy_internal_error',
  })
