import { UpstreamFailure, type UpstreamFailureKind } from '../../src/kernel/upstream-failure.ts'
import { asChannelId, asLocationId, asSku } from '../../src/model/brand.ts'
import { parseDecimal } from '../../src/model/money.ts'
import type { Channel, Location, Network } from '../../src/model/network.ts'
import type { ErpPrice, PriceKey } from '../../src/model/price.ts'
import { parseQuantity } from '../../src/model/quantity.ts'
import type { ErpStock, StockKey } from '../../src/model/stock.ts'
import type { ErpCall } from '../../src/ports/erp.ts'
import type { PriceSource } from '../../src/ports/price-source.ts'
import type { StockSource } from '../../src/ports/stock-source.ts'

/** Stock held in a list. Locations that are `down` fail; every read is noted. */
export function plainStock(rows: readonly ErpStock[], down: readonly string[] = []) {
  const reads: { keys: readonly StockKey[]; call: ErpCall }[] = []
  const source: StockSource = {
    async readStock(keys, call) {
      reads.push({ keys, call })
      const asked = (row: ErpStock) =>
        keys.some(key => key.sku === row.sku && key.location === row.location)
      const lost = keys.filter(key => down.includes(key.location))
      return {
        rows: rows.filter(row => asked(row) && !down.includes(row.location)),
        failures: lost.length ? [{ keys: lost, failure: failure('unreachable') }] : [],
      }
    },
  }
  return { ...source, reads }
}

/** Prices held in a list. SKUs that are `down` fail. */
export function plainPrices(rows: readonly ErpPrice[], down: readonly string[] = []) {
  const reads: { keys: readonly PriceKey[]; call: ErpCall }[] = []
  const source: PriceSource = {
    async readPrices(keys, call) {
      reads.push({ keys, call })
      const lost = keys.filter(key => down.includes(key.sku))
      return {
        rows: rows.filter(row => keys.some(key => key.sku === row.sku)),
        failures: lost.length ? [{ keys: lost, failure: failure('unreachable') }] : [],
      }
    },
  }
  return { ...source, reads }
}

export const failure = (
  kind: UpstreamFailureKind,
  details: Partial<UpstreamFailure['details']> = {},
): UpstreamFailure =>
  new UpstreamFailure(kind, `the ERP failed: ${kind}`, {
    connection: 'erp-east',
    call: 'inventory.readStock',
    proxyError: 'connection_refused',
    ...details,
  })

export const stockRow = (
  sku: string,
  location: string,
  value: string,
  more: Partial<ErpStock> & { uom?: string } = {},
): ErpStock => {
  const { uom = 'EA', ...rest } = more
  return {
    sku: asSku(sku),
    location: asLocationId(location),
    onHand: parseQuantity(value, uom),
    requestedAt: 0,
    ...rest,
  }
}

export const priceRow = (
  sku: string,
  unitPrice: string,
  more: Partial<ErpPrice> & { from?: string } = {},
): ErpPrice => {
  const { from = '1', ...rest } = more
  return {
    sku: asSku(sku),
    channel: asChannelId('web'),
    currency: 'EUR',
    unitPrice: parseDecimal(unitPrice),
    per: parseDecimal('1'),
    uom: 'EA',
    minQuantity: parseDecimal(from),
    taxIncluded: true,
    taxCategory: 'standard',
    taxRate: parseDecimal('0.19'),
    requestedAt: 0,
    ...rest,
  }
}

const location = (id: string, region: string, type: Location['type']): Location => ({
  id: asLocationId(id),
  type,
  region,
  legalEntity: 'LE1',
  country: 'DE',
  timeZone: 'Europe/Berlin',
})

/** Two regions, three places, one channel that sells from all of them. */
export function plainNetwork(web: Partial<Channel> = {}): Network {
  const locations = [
    location('DC-EAST', 'east', 'DC'),
    location('STORE-12', 'east', 'STORE'),
    location('DC-WEST', 'west', 'DC'),
  ]
  const channel: Channel = {
    id: asChannelId('web'),
    currencies: ['EUR', 'CHF'],
    pool: locations.map(({ id }) => id),
    lowStockUnits: 0,
    bufferUnits: 0,
    roundingMode: 'HALF_UP',
    taxRounding: 'LINE',
    quoteTtlSeconds: 900,
    ...web,
  }
  return {
    locations: new Map(locations.map(place => [place.id, place])),
    channels: new Map([[channel.id, channel]]),
  }
}

export const erpCall: ErpCall = {
  signal: new AbortController().signal,
  deadlineAt: Number.POSITIVE_INFINITY,
  correlationId: 'test',
  workClass: 'browse',
}
