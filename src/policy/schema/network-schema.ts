import Type, { type Static } from 'typebox'
import { Name, strictObject } from './strict-object.ts'

/** policies/locations.yaml: the places that hold or sell stock. */
export const LocationsFile = strictObject({
  locations: Type.Record(
    Type.String({ pattern: '^[A-Z0-9][A-Z0-9-]{0,31}$' }),
    strictObject({
      type: Type.Enum(['STORE', 'DC', 'DARK_STORE', 'VENDOR', 'VIRTUAL']),
      region: Name,
      legalEntity: Name,
      country: Type.String({ pattern: '^[A-Z]{2}$' }),
      timeZone: Type.String({ minLength: 1, maxLength: 64 }),
    }),
  ),
})
export type LocationsFile = Static<typeof LocationsFile>

/** policies/channels.yaml: the ways to sell. */
export const ChannelsFile = strictObject({
  channels: Type.Record(
    Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }),
    strictObject({
      currencies: Type.Array(Type.String({ pattern: '^[A-Z]{3}$' }), {
        minItems: 1,
        uniqueItems: true,
      }),
      pool: Type.Array(Name, { minItems: 1, uniqueItems: true }),
      lowStockUnits: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
      bufferUnits: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
      roundingMode: Type.Enum(['HALF_UP', 'HALF_EVEN']),
      taxRounding: Type.Enum(['LINE', 'DOCUMENT']),
      quoteTtlSeconds: Type.Integer({ minimum: 30, maximum: 86_400 }),
    }),
  ),
})
export type ChannelsFile = Static<typeof ChannelsFile>
