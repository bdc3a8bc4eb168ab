import Type, { type Static } from 'typebox'

const strict = { additionalProperties: false }
const Text = Type.String({ minLength: 1, maxLength: 200 })
const Plant = Type.String({ pattern: '^[A-Z0-9]{1,4}$' })

const NetPrices = Type.Object(
  {
    soldToParty: Type.String({ pattern: '^[A-Z0-9]{1,10}$', description: 'whose net price it is' }),
    customerGroups: Type.Optional(
      Type.Record(Type.String(), Type.String({ pattern: '^[A-Z0-9]{1,10}$' }), {
        description: 'Sold-to party whose net price a customer group pays.',
      }),
    ),
    division: Type.String({ pattern: '^[A-Z0-9]{2}$' }),
    orderType: Type.Optional(
      Type.String({ pattern: '^[A-Z0-9]{1,4}$', description: 'OR when absent.' }),
    ),
  },
  strict,
)

const Channel = Type.Object(
  {
    salesOrganization: Type.String({ pattern: '^[A-Z0-9]{4}$' }),
    distributionChannel: Type.String({ pattern: '^[A-Z0-9]{2}$' }),
    conditionType: Type.Optional(
      Type.String({ pattern: '^[A-Z0-9]{4}$', description: 'PPR0 when absent.' }),
    ),
    conditionTable: Type.Optional(
      Type.String({
        pattern: '^[A-Z0-9]{3}$',
        description:
          'The table whose key is no more than sales area and material. 304 when absent.',
      }),
    ),
    netPrices: Type.Optional(NetPrices),
    taxIncluded: Type.Optional(Type.Boolean({ description: 'false when absent' })),
    taxCategory: Type.Optional(Type.String({ minLength: 1, description: 'STANDARD when absent' })),
  },
  strict,
)
export type PriceChannel = Static<typeof Channel>

/** `settings` of a connection in policies/erps whose `connector` is `sap-s4`. */
export const SapS4Settings = Type.Object(
  {
    client: Type.Optional(
      Type.String({
        pattern: '^\\d{3}$',
        description: 'The client (Mandant), 100. S/4HANA Cloud needs none.',
      }),
    ),
    plants: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Object(
          {
            plant: Plant,
            storageLocations: Type.Optional(
              Type.Array(Plant, {
                minItems: 1,
                description: 'Only the stock of these; that of the whole plant when absent.',
              }),
            ),
          },
          strict,
        ),
        {
          description:
            'Plant that a location is; a location that is not named here has its own id as plant.',
        },
      ),
    ),
    prices: Type.Optional(
      Type.Record(Type.String(), Channel, {
        description:
          'Sales area of each channel; a channel without one has no prices. List prices from condition records, or with `netPrices` what a simulated order would charge.',
      }),
    ),
    units: Type.Optional(
      Type.Record(Type.String(), Type.String({ pattern: '^[A-Z0-9]{2,3}$' }), {
        description: 'UN/ECE Recommendation 20 code of a unit, by its code in SAP.',
      }),
    ),
    maxFilterLength: Type.Optional(
      Type.Integer({
        minimum: 500,
        maximum: 30_000,
        description:
          'Characters of one encoded $filter; longer questions are split. 6000 when absent.',
      }),
    ),
  },
  strict,
)
export type SapS4Settings = Static<typeof SapS4Settings>

/** Basic authentication of a communication user. */
export const SapS4Credentials = Type.Object({ user: Text, password: Text }, strict)
export type SapS4Credentials = Static<typeof SapS4Credentials>

/** With the rest of the address it stays below the 8 kB that a web dispatcher commonly takes. */
export const MAX_FILTER_LENGTH = 6_000
/** Of a material number; longer ones are unknown without asking. */
export const MATERIAL_LENGTH_MAX = 40
