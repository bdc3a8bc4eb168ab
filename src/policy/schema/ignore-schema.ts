import Type, { type Static } from 'typebox'
import { Instant, strictObject } from './strict-object.ts'

/** policies/check-ignore.yaml: warnings that somebody has looked at, and why they may stay. */
export const IgnoreFile = strictObject({
  ignore: Type.Array(
    strictObject({
      rule: Type.String({
        pattern: '^[a-z][a-z0-9-]{2,63}$',
        description: 'the id of a rule, such as timeout-under-erp',
      }),
      file: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 300,
          description: 'only in this file of the folder',
        }),
      ),
      reason: Type.String({
        minLength: 10,
        maxLength: 500,
        description: 'why it may stay, in a sentence',
      }),
      until: Type.Optional(Instant),
    }),
    { maxItems: 1000 },
  ),
})
export type IgnoreFile = Static<typeof IgnoreFile>
