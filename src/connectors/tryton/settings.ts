import Type, { type Static } from 'typebox'

const strict = { additionalProperties: false }
const Text = Type.String({ minLength: 1, maxLength: 200 })

/** `settings` of a connection in policies/erps whose `connector` is `tryton`. */
export const TrytonSettings = Type.Object(
  {
    database: Type.String({ pattern: '^[A-Za-z0-9_-]+$', description: 'the database, retail' }),
    warehouses: Type.Optional(
      Type.Record(Type.String(), Text, {
        description:
          'Code in Tryton of the warehouse that a location is; a location that is not named here has its own id as code.',
      }),
    ),
    nextSupply: Type.Optional(
      Type.Boolean({
        description:
          'Also tell when goods come next: one call more for each stock read. true when absent.',
      }),
    ),
    priceLists: Type.Optional(
      Type.Object(
        {
          channels: Type.Record(Type.String(), Text, {
            description:
              'Name of the price list of each channel; a channel without one has no prices.',
          }),
          customerGroups: Type.Optional(
            Type.Record(Type.String(), Text, {
              description: 'Name of the price list of a customer group, in every channel.',
            }),
          ),
        },
        strict,
      ),
    ),
    orders: Type.Optional(
      Type.Object(
        {
          customers: Type.Record(Type.String(), Text, {
            description: 'Code of the party that orders of a channel are sold to.',
          }),
        },
        { ...strict, description: 'Orders are posted as sales; without it none are.' },
      ),
    ),
    // What Tryton rounds the unit price of a sale line to, unless `[product] price_decimal` says otherwise.
    priceDecimals: Type.Optional(Type.Integer({ minimum: 0, maximum: 12 })),
    taxCategories: Type.Optional(
      Type.Record(Type.String(), Text, {
        description: 'Tax category that a tax of this name means; others are called by their name.',
      }),
    ),
    untaxedCategory: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Tax category of goods without a tax. EXEMPT when absent.',
      }),
    ),
    units: Type.Optional(
      Type.Record(Type.String(), Type.String({ pattern: '^[A-Z0-9]{2,3}$' }), {
        description: 'UN/ECE Recommendation 20 code of a unit, by its symbol in Tryton.',
      }),
    ),
    // Warehouses, price lists and currencies change by the month; a new one is known a minute later.
    referenceTtlSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
  },
  strict,
)
export type TrytonSettings = Static<typeof TrytonSettings>

export const TrytonCredentials = Type.Object({ user: Text, password: Text }, strict)
export type TrytonCredentials = Static<typeof TrytonCredentials>

export const PRICE_DECIMALS = 4
export const REFERENCE_TTL_SECONDS = 60
export const UNTAXED_CATEGORY = 'EXEMPT'
