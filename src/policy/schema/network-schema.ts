import Type, { type Static } from 'typebox'
import { CurrencyCode, Name, strictObject, strictRecord, TimeZone } from './strict-object.ts'

/** policies/locations.yaml: the places that hold or sell stock. */
export const LocationsFile = strictObject({
  locations: strictRecord(
    '^[A-Z0-9][A-Z0-9-]{0,31}$',
    strictObject({
      type: Type.Enum(['STORE', 'DC', 'DARK_STORE', 'VENDOR', 'VIRTUAL']),
      region: Name,
      legalEntity: Name,
      country: Type.String({
        pattern: '^[A-Z]{2}$',
        description: 'an ISO 3166-1 alpha-2 code such as DE',
      }),
      timeZone: TimeZone,
    }),
    'locations by id: capital letters, digits and dashes',
  ),
})
export type LocationsFile = Static<typeof LocationsFile>

/** policies/channels.yaml: the ways to sell. */
export const ChannelsFile = strictObject({
  channels: strictRecord(
    '^[a-z][a-z0-9-]{0,31}$',
    strictObject({
      currencies: Type.Array(CurrencyCode, {
        minItems: 1,
        uniqueItems: true,
        description: 'the first one is the default',
      }),
      pool: Type.Array(Name, { minItems: 1, uniqueItems: true }),
      lowStockUnits: Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        description: 'at or below this LimitedAvailability is said',
      }),
      bufferUnits: Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        description: 'kept back per SKU and location',
      }),
      roundingMode: Type.Enum(['HALF_UP', 'HALF_EVEN']),
      taxRounding: Type.Enum(['LINE', 'DOCUMENT']),
      quoteTtlSeconds: Type.Integer({
        minimum: 30,
        maximum: 86_400,
        description: 'how long a quote binds',
      }),
    }),
    'channels by id: small letters, digits and dashes',
  ),
})
export type ChannelsFile = Static<typeof ChannelsFile>
