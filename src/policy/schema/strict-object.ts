import Type, { type TProperties } from 'typebox'

/** An object in which an unknown key is an error: a mistyped setting must not be silently off. */
export const strictObject = <P extends TProperties>(properties: P, options: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })

/** A name that people give: letters, digits, dashes. */
export const Name = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9-]{0,63}$' })

/** An instant, RFC 3339 with offset, or a calendar date (its start in UTC). */
export const Instant = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2}))?$',
  description: 'an instant such as 2027-06-30T22:00:00Z, or a date',
})

export const Scope = Type.String({ pattern: '^[a-z][a-z-]*(:[a-z-]+)+$' })
