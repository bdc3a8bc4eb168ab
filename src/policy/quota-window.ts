import { Temporal } from 'temporal-polyfill'
import type { QuotaWindow } from '../model/limits.ts'

/**
 * A calendar period in a time zone: the day may start at an hour of trade (`04:00`), weeks start on
 * Monday, and a day on which clocks change has 23 or 25 hours.
 *
 * @param dayStartsAt local time, `HH:MM`
 * @throws RangeError when the time zone is not known
 */
export function createQuotaWindow(
  name: QuotaWindow['name'],
  timeZone: string,
  dayStartsAt: string,
): QuotaWindow {
  const start = Temporal.PlainTime.from(dayStartsAt)
  // Fails here, at load, for an unknown zone.
  Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone)
  let current = { startsAt: Number.NaN, endsAt: Number.NaN }
  return {
    name,
    at(now) {
      if (!(now >= current.startsAt && now < current.endsAt)) {
        current = periodAt(now, name, timeZone, start)
      }
      return current
    },
  }
}

function periodAt(
  now: number,
  name: QuotaWindow['name'],
  timeZone: string,
  start: Temporal.PlainTime,
): { startsAt: number; endsAt: number } {
  const local = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone)
  if (name === 'hour') {
    // Hours are of elapsed time: the repeated hour of autumn is two periods.
    const elapsed = local.minute * 60_000 + local.second * 1000 + local.millisecond
    return { startsAt: now - elapsed, endsAt: now - elapsed + 3_600_000 }
  }
  const at = (date: Temporal.PlainDate): number =>
    date.toZonedDateTime({ timeZone, plainTime: start }).epochMilliseconds
  const today = local.toPlainDate()
  const tradingDay = now < at(today) ? today.subtract({ days: 1 }) : today
  const first =
    name === 'day'
      ? tradingDay
      : name === 'week'
        ? tradingDay.subtract({ days: tradingDay.dayOfWeek - 1 })
        : tradingDay.with({ day: 1 })
  const next = first.add(
    name === 'day' ? { days: 1 } : name === 'week' ? { weeks: 1 } : { months: 1 },
  )
  return { startsAt: at(first), endsAt: at(next) }
}
