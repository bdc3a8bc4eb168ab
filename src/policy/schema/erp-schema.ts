import Type, { type Static } from 'typebox'
import { CurrencyCode, Name, strictObject, TimeZone } from './strict-object.ts'
import { WindowList } from './windows-schema.ts'

const Seconds = (description: string) => Type.Integer({ minimum: 0, maximum: 86_400, description })

const Believed = strictObject({
  seconds: Seconds('how long a figure is believed without a word from the ERP'),
  watchedSeconds: Seconds('how long while the ERP tells what changes'),
  overdueSeconds: Seconds('how long it is told, marked stale, while the ERP cannot be asked'),
})

/** policies/erps/<connection>.yaml: one ERP, how it is spoken to, protected, and what it serves. */
export const ErpFile = strictObject({
  connection: Name,
  connector: Name,
  address: Type.String({
    format: 'uri',
    maxLength: 2000,
    description: 'where the ERP is, https://…',
  }),
  timeZone: TimeZone,
  baseCurrency: CurrencyCode,
  capabilities: strictObject({
    quantitySemantics: Type.Enum(['PHYSICAL', 'NET_OF_ERP_ORDERS']),
    changeSequence: Type.Enum(['NATIVE', 'NONE']),
    idempotencySupport: Type.Enum(['EXTERNAL_ID', 'NONE']),
    maxConcurrency: Type.Integer({ minimum: 1, maximum: 1000 }),
    maxStockKeys: Type.Integer({ minimum: 1, maximum: 10_000 }),
    maxPriceKeys: Type.Integer({ minimum: 1, maximum: 10_000 }),
    oneLocationPerOrder: Type.Optional(
      Type.Boolean({
        description: 'what several places deliver becomes several orders at the ERP',
      }),
    ),
  }),
  movements: Type.Optional(
    strictObject(
      {
        tell: Type.Union([Type.Literal('all'), Type.Array(Name, { minItems: 1, maxItems: 100 })], {
          description: 'all, or the sources whose movements the ERP does not learn by itself',
        }),
      },
      { description: 'movements recorded here are told to the ERP; without it nobody tells it' },
    ),
  ),
  guard: strictObject({
    timeoutMs: Type.Integer({ minimum: 50, maximum: 60_000 }),
    maxQueue: Type.Integer({ minimum: 0, maximum: 100_000 }),
    // Two: one slip of the network is forgiven, a failing ERP is not hammered.
    attempts: Type.Integer({ minimum: 1, maximum: 5, default: 2 }),
    backoffMs: strictObject(
      {
        initial: Type.Integer({ minimum: 1, maximum: 10_000 }),
        max: Type.Integer({ minimum: 1, maximum: 60_000 }),
      },
      { default: { initial: 50, max: 500 } },
    ),
    breaker: strictObject({
      failureRatio: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
      minimumPerSecond: Type.Number({ exclusiveMinimum: 0, maximum: 10_000 }),
      windowMs: Type.Integer({ minimum: 1000, maximum: 600_000 }),
      halfOpenAfterMs: Type.Integer({ minimum: 100, maximum: 600_000 }),
    }),
  }),
  budget: Type.Optional(
    Type.Object(
      {
        perSecond: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 100_000 })),
        perDay: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000 })),
      },
      {
        additionalProperties: false,
        minProperties: 1,
        description: 'HTTP requests that the ERP bears of all gateway processes together',
      },
    ),
  ),
  knowledge: Type.Optional(
    strictObject(
      {
        maxBytes: Type.Integer({
          minimum: 1_048_576,
          maximum: 17_179_869_184,
          default: 67_108_864,
        }),
        stock: Believed,
        prices: Believed,
        pollMs: Type.Optional(
          Type.Integer({
            minimum: 50,
            maximum: 3_600_000,
            description: 'how often the ERP is asked what has changed',
          }),
        ),
      },
      { description: 'what the ERP said is remembered; without it every read asks the ERP' },
    ),
  ),
  // Nobody calls the ERP then: what is known is served stale, the rest is told when to come back.
  maintenance: Type.Optional(WindowList),
  credentials: Type.Record(Type.String(), Type.Unknown()),
  settings: Type.Record(Type.String(), Type.Unknown()),
  serves: Type.Array(
    strictObject({
      locations: Type.Optional(Type.Array(Name, { minItems: 1 })),
      regions: Type.Optional(Type.Array(Name, { minItems: 1 })),
      channels: Type.Optional(Type.Array(Name, { minItems: 1 })),
    }),
    { description: 'what is routed here: by locations, regions (stock) or channels (prices)' },
  ),
})
export type ErpFile = Static<typeof ErpFile>
