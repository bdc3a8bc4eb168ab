import Type, { type Static } from 'typebox'
import {
  ModeSettings,
  Name,
  orNone,
  strictObject,
  strictRecord,
  TimeZone,
} from './strict-object.ts'

const Rate = strictObject({
  perSecond: Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000 }),
  burst: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
})

const Quota = strictObject({
  units: Type.Integer({ minimum: 1, maximum: 1_000_000_000_000 }),
  per: Type.Enum(['hour', 'day', 'week', 'month']),
  timeZone: TimeZone,
  // Midnight when absent. A trading day may start later: receipts of 01:30 belong to the evening before.
  dayStartsAt: Type.Optional(
    Type.String({
      pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
      description: "a local time such as '04:00'",
    }),
  ),
})

const Concurrency = strictObject({ max: Type.Integer({ minimum: 1, maximum: 100_000 }) })

/** policies/plans.yaml: what a consumer may spend. A limit that does not apply is said to be `none`. */
export const PlansFile = strictObject({
  plans: strictRecord(
    '^[a-z][a-z0-9-]{0,63}$',
    strictObject({
      rate: orNone(Rate, '{ perSecond, burst } in cost units'),
      quota: orNone(Quota, '{ units, per, timeZone, dayStartsAt? }'),
      concurrency: orNone(Concurrency, '{ max }'),
      mode: ModeSettings,
      hours: Type.Optional(
        Type.String({ description: 'a calendar of gateway.yaml; outside of it calls are refused' }),
      ),
      // A version that somebody pays to call is not retired under them.
      paid: Type.Boolean({ default: false }),
      workClass: Name,
      allowNoCache: Type.Boolean({
        description: 'whether Cache-Control: no-cache reads through to the ERP',
      }),
    }),
    'plans by name: small letters, digits and dashes',
  ),
})
export type PlansFile = Static<typeof PlansFile>
