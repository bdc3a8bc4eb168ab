import Type, { type Static } from 'typebox'

const strict = { additionalProperties: false }
const Text = Type.String({ minLength: 1, maxLength: 200 })
const Id = Type.Integer({ minimum: 1 })

const PriceList = Type.Object(
  {
    pricelist: Id,
    partner: Type.Integer({ minimum: 1, description: 'Id of a customer who buys by this list.' }),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: "The price list's currency." }),
    // Odoo decides it by the taxes of the product, which are not read.
    taxIncluded: Type.Boolean({ description: 'Whether its unit prices include tax.' }),
    taxCategory: Text,
  },
  strict,
)
export type PriceList = Static<typeof PriceList>

/** `settings` of a connection in policies/erps whose `connector` is `odoo`. */
export const OdooSettings = Type.Object(
  {
    api: Type.Union([Type.Literal('jsonrpc'), Type.Literal('json2')], {
      description: 'json2 from Odoo 19 on; jsonrpc is deprecated there.',
    }),
    database: Type.String({ pattern: '^[A-Za-z0-9_.-]+$' }),
    company: Type.Integer({ minimum: 1, description: 'Id of the company whose stock is told.' }),
    places: Type.Record(
      Type.String(),
      Type.Union([Type.Object({ warehouse: Id }, strict), Type.Object({ location: Id }, strict)]),
      { description: 'Id in Odoo of what a location is; others are unknown.' },
    ),
    priceLists: Type.Optional(
      Type.Object(
        {
          channels: Type.Record(Type.String(), PriceList),
          customerGroups: Type.Optional(Type.Record(Type.String(), PriceList)),
        },
        strict,
      ),
    ),
    priceSteps: Type.Optional(
      Type.Array(Type.String({ pattern: '^\\d{1,9}(\\.\\d{1,6})?$' }), {
        minItems: 1,
        maxItems: 20,
        description: 'Quantities from which a price may differ, rising. Only 1 when absent.',
      }),
    ),
    priceDecimals: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 12,
        description: "Odoo's decimal accuracy of prices. The currency's own when absent.",
      }),
    ),
    units: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Object(
          {
            code: Type.String({ pattern: '^[A-Z0-9]{2,3}$' }),
            decimals: Type.Integer({ minimum: 0, maximum: 6 }),
          },
          strict,
        ),
        { description: 'UN/ECE Recommendation 20 code and fraction digits of a unit, by name.' },
      ),
    ),
  },
  strict,
)
export type OdooSettings = Static<typeof OdooSettings>

/** `key` is an API key; over jsonrpc a password does too. `json2` needs no user. */
export const OdooCredentials = Type.Object({ user: Type.Optional(Text), key: Text }, strict)
export type OdooCredentials = Static<typeof OdooCredentials>
