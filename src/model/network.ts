import type { ChannelId, LocationId } from './brand.ts'
import type { RoundingMode } from './money.ts'

/** A place that holds or sells stock. */
export type Location = {
  readonly id: LocationId
  readonly type: 'STORE' | 'DC' | 'DARK_STORE' | 'VENDOR' | 'VIRTUAL'
  readonly region: string
  readonly legalEntity: string
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  /** IANA name. */
  readonly timeZone: string
}

/** A way to sell: what it may sell from, in which currencies, and how its numbers are rounded and shown. */
export type Channel = {
  readonly id: ChannelId
  /** The first one is the default. */
  readonly currencies: readonly string[]
  /** The locations whose stock the channel sells. */
  readonly pool: readonly LocationId[]
  /** At or below this many units `LimitedAvailability` is said. */
  readonly lowStockUnits: number
  /** Kept back from the channel per SKU and location, in units. */
  readonly bufferUnits: number
  readonly roundingMode: RoundingMode
  readonly taxRounding: 'LINE' | 'DOCUMENT'
  /** How long a quote binds. */
  readonly quoteTtlSeconds: number
}

/** The retailer's places and channels, looked up by id. */
export type Network = {
  readonly locations: ReadonlyMap<LocationId, Location>
  readonly channels: ReadonlyMap<ChannelId, Channel>
}
