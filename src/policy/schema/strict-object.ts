import Type, { type Static, type TObject, type TProperties, type TSchema } from 'typebox'

/** An object in which an unknown key is an error: a mistyped setting must not be silently off. */
export const strictObject = <P extends TProperties>(
  properties: P,
  options: object = {},
): TObject<P> => Type.Object(properties, { additionalProperties: false, ...options })

/** Entries under names that people give. A name of another form is an error, not an entry that nobody reads. */
export const strictRecord = <V extends TSchema>(pattern: string, value: V, description: string) =>
  Type.Record(Type.String({ pattern }), value, { additionalProperties: false, description })

/** A setting that may be absent only by saying `none`. */
export const orNone = <S extends TSchema>(settings: S, form: string) =>
  Type.Union([settings, Type.Literal('none')], { description: `${form}, or none` })

/** Whether a refusal is carried out, only counted, or carried out for a share of the consumers. */
export const ModeSettings = Type.Union(
  [
    Type.Literal('enforce'),
    Type.Literal('shadow'),
    strictObject({ enforcePercent: Type.Integer({ minimum: 1, maximum: 99 }) }),
  ],
  {
    default: 'enforce',
    description: 'enforce, shadow, or { enforcePercent } of the consumers, always the same ones',
  },
)

/** A name that people give: letters, digits, dashes. */
export const Name = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9-]{0,63}$',
  description: 'a name of up to 64 letters, digits and dashes',
})

/** An instant, RFC 3339 with offset, or a calendar date (its start in UTC). */
export const Instant = Type.String({
  format: 'instant',
  description: 'an instant such as 2027-06-30T22:00:00Z, or a date such as 2027-06-30',
})
export type Instant = Static<typeof Instant>

export const Scope = Type.String({
  pattern: '^[a-z][a-z-]{0,31}(:[a-z][a-z-]{0,31}){1,3}$',
  description: 'a scope such as inventory:read',
})

export const TimeZone = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'an IANA time zone such as Europe/Berlin',
})

export const CurrencyCode = Type.String({
  pattern: '^[A-Z]{3}$',
  description: 'an ISO 4217 code such as EUR',
})
