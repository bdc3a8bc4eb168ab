import Type, { type Static } from 'typebox'
import { Name, strictObject } from './strict-object.ts'

const None = Type.Literal('none')

/** policies/plans.yaml: what a consumer may spend. A limit that does not apply is said to be `none`. */
export const PlansFile = strictObject({
  plans: Type.Record(
    Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' }),
    strictObject({
      rate: Type.Union(
        [
          strictObject({
            perSecond: Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000 }),
            burst: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
          }),
          None,
        ],
        { description: '{ perSecond, burst } in cost units, or none' },
      ),
      quota: Type.Union(
        [
          strictObject({
            units: Type.Integer({ minimum: 1, maximum: 1_000_000_000_000 }),
            per: Type.Enum(['hour', 'day', 'week', 'month']),
            timeZone: Type.String({ minLength: 1, maxLength: 64 }),
            // Midnight when absent.
            dayStartsAt: Type.Optional(Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' })),
          }),
          None,
        ],
        { description: '{ units, per, timeZone, dayStartsAt? }, or none' },
      ),
      concurrency: Type.Union(
        [strictObject({ max: Type.Integer({ minimum: 1, maximum: 100_000 }) }), None],
        {
          description: '{ max }, or none',
        },
      ),
      workClass: Name,
      allowNoCache: Type.Boolean({
        description: 'whether Cache-Control: no-cache reads through to the ERP',
      }),
    }),
  ),
})
export type PlansFile = Static<typeof PlansFile>
