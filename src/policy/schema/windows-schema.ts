import Type, { type Static } from 'typebox'
import { WEEKDAYS } from '../../model/windows.ts'
import { Instant, strictObject, TimeZone } from './strict-object.ts'

const TimeOfDay = Type.String({
  pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
  description: "a local time such as '18:00'",
})

const CalendarDate = Type.String({ format: 'date', description: 'a date such as 2026-12-24' })

/** A stretch of time, once or every week. */
export const WindowSettings = Type.Union(
  [
    strictObject({
      from: Instant,
      to: Instant,
      why: Type.Optional(Type.String({ maxLength: 200 })),
    }),
    strictObject({
      days: Type.Array(Type.Enum([...WEEKDAYS]), { minItems: 1, uniqueItems: true }),
      from: TimeOfDay,
      to: TimeOfDay,
      timeZone: TimeZone,
      except: Type.Optional(Type.Array(CalendarDate, { maxItems: 400 })),
      why: Type.Optional(Type.String({ maxLength: 200 })),
    }),
  ],
  { description: '{ from, to } of instants, or { days, from, to, timeZone } every week' },
)
export type WindowSettings = Static<typeof WindowSettings>

/** A list of stretches; where they overlap they are one. */
export const WindowList = Type.Array(WindowSettings, { minItems: 1, maxItems: 200 })
