import { Temporal } from 'temporal-polyfill'
import type { QuotaWindow } from '../../src/model/limits.ts'

/** A calendar period in a time zone, straight from the calendar. */
export function calendarWindow(name: 'hour' | 'day' | 'month', timeZone: string): QuotaWindow {
  return {
    name,
    calendar: `${name}, ${timeZone}`,
    at(now) {
      const moment = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone)
      const start =
        name === 'month'
          ? moment.with({ day: 1 }).startOfDay()
          : moment.round({ smallestUnit: name, roundingMode: 'floor' })
      const end = name === 'month' ? start.add({ months: 1 }) : start.add({ [`${name}s`]: 1 })
      return {
        startsAt: start.epochMilliseconds,
        endsAt: name === 'day' ? end.startOfDay().epochMilliseconds : end.epochMilliseconds,
      }
    },
  }
}
