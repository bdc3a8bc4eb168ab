import { Temporal } from 'temporal-polyfill'
import type { QuotaWindow } from '../model/limits.ts'

type Period = { readonly startsAt: number; readonly endsAt: number }

/**
 * A calendar period in a time zone: the day may start at an hour of trade (`04:00`), weeks start on
 * Monday, and a day on which clocks change has 23 or 25 hours. Periods follow one another without gap
 * or overlap. Within the last asked period an answer costs a comparison.
 *
 * @param dayStartsAt local time, `HH:MM`; where clocks skip it, the day starts as much later, where
 *   they repeat it, the first time
 * @throws RangeError when the time zone is not known
 */
export function createQuotaWindow(
  name: QuotaWindow['name'],
  timeZone: string,
  dayStartsAt: string,
): QuotaWindow {
  const start = Temporal.PlainTime.from(dayStartsAt)
  const periodAt = name === 'hour' ? hourAt : datesAt(name, start)
  // Fails here, at load, for an unknown zone.
  let current = periodAt(zonedAt(0, timeZone))
  return {
    name,
    calendar: `${name} from ${dayStartsAt}, ${timeZone}`,
    at(now) {
      if (!(now >= current.startsAt && now < current.endsAt)) {
        current = periodAt(zonedAt(now, timeZone))
      }
      return current
    },
  }
}

const zonedAt = (epochMs: number, timeZone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timeZone)

const HOUR_MS = 3_600_000

/**
 * Hours are of elapsed time: the repeated hour of autumn is two periods. Where clocks change by half
 * an hour (Lord Howe), the change ends one period and starts another.
 */
function hourAt(now: Temporal.ZonedDateTime): Period {
  const { minute, second, millisecond, epochMilliseconds } = now
  const startsAt = epochMilliseconds - (minute * 60 + second) * 1000 - millisecond
  const before = now.add({ milliseconds: 1 }).getTimeZoneTransition('previous')?.epochMilliseconds
  const after = now.getTimeZoneTransition('next')?.epochMilliseconds
  return {
    startsAt: Math.max(startsAt, before ?? startsAt),
    endsAt: Math.min(startsAt + HOUR_MS, after ?? Infinity),
  }
}

const LENGTHS = { day: { days: 1 }, week: { weeks: 1 }, month: { months: 1 } }

/** Periods of whole trading days. */
const datesAt =
  (name: keyof typeof LENGTHS, start: Temporal.PlainTime) =>
  (now: Temporal.ZonedDateTime): Period => {
    const startOf = (date: Temporal.PlainDate): number =>
      date.toZonedDateTime({ timeZone: now.timeZoneId, plainTime: start }).epochMilliseconds
    const first = firstDay(name, tradingDay(now, startOf))
    return { startsAt: startOf(first), endsAt: startOf(first.add(LENGTHS[name])) }
  }

/** The last date that has started; tomorrow's, where clocks went back over midnight (St. John's, 2010). */
function tradingDay(
  now: Temporal.ZonedDateTime,
  startOf: (date: Temporal.PlainDate) => number,
): Temporal.PlainDate {
  const today = now.toPlainDate()
  const candidates = [today.add({ days: 1 }), today, today.subtract({ days: 1 })]
  const started = candidates.find(date => startOf(date) <= now.epochMilliseconds)
  return started ?? today.subtract({ days: 2 })
}

const firstDay = (name: keyof typeof LENGTHS, day: Temporal.PlainDate): Temporal.PlainDate =>
  name === 'day'
    ? day
    : name === 'week'
      ? day.subtract({ days: day.dayOfWeek - 1 })
      : day.with({ day: 1 })
