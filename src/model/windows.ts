import { Temporal } from 'temporal-polyfill'

/** `SUN` … as RFC 5545 (iCalendar) has them, in two letters; ISO 8601's numbers. */
export const WEEKDAYS = ['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'] as const
export type Weekday = (typeof WEEKDAYS)[number]

/** A stretch of time: once, between two instants; or every week, between two times of day. */
export type Window =
  | { readonly kind: 'once'; readonly from: number; readonly to: number }
  | {
      readonly kind: 'weekly'
      readonly days: readonly Weekday[]
      /** Local times, `HH:MM`; `to` at or before `from` means the day after. */
      readonly from: string
      readonly to: string
      readonly timeZone: string
      /** Local dates, `YYYY-MM-DD`, on which the window does not start. */
      readonly except: readonly string[]
    }

/** Whether an instant lies within some of the windows, and until when that stays so. */
export type WindowState = {
  readonly within: boolean
  /** Epoch ms of the next change; infinite when there is none within {@link HORIZON_DAYS}. */
  readonly until: number
}

/** Windows that overlap or touch are one. */
export interface Windows {
  at(now: number): WindowState
}

/** How far ahead the next change is looked for: beyond two weeks a weekly window has come by, exceptions included. */
const HORIZON_DAYS = 40

type Span = { readonly from: number; readonly to: number }

/**
 * Times of day are local, so that a window on a day on which clocks change is an hour longer or
 * shorter, and one that starts at a time that clocks skip starts as much later.
 *
 * @throws RangeError when a time zone is not known
 */
export function createWindows(windows: readonly Window[]): Windows {
  const judge = (now: number): WindowState => {
    const spans = windows
      .flatMap(window => spansAround(window, now))
      .sort((a, b) => a.from - b.from)
    let end = Number.NEGATIVE_INFINITY
    for (const span of spans) {
      if (span.from > now && span.from > end) {
        return end > now ? { within: true, until: end } : { within: false, until: span.from }
      }
      end = Math.max(end, span.to)
    }
    return end > now ? { within: true, until: end } : { within: false, until: Infinity }
  }
  // Fails here, at load, for an unknown zone.
  let [askedAt, state] = [0, judge(0)]
  return {
    at(now) {
      const stale =
        now < askedAt || now >= state.until || now - askedAt > (HORIZON_DAYS * DAY_MS) / 2
      if (stale) [askedAt, state] = [now, judge(now)]
      return state
    },
  }
}

const DAY_MS = 86_400_000

function spansAround(window: Window, now: number): Span[] {
  if (window.kind === 'once') return [window]
  const { days, from, to, timeZone, except } = window
  const today = Temporal.Instant.fromEpochMilliseconds(now)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
  const spans: Span[] = []
  for (let offset = -2; offset <= HORIZON_DAYS; offset++) {
    const date = today.add({ days: offset })
    const weekday = WEEKDAYS[date.dayOfWeek - 1]
    if (!weekday || !days.includes(weekday) || except.includes(date.toString())) continue
    const last = to > from ? date : date.add({ days: 1 })
    spans.push({ from: instantOf(date, from, timeZone), to: instantOf(last, to, timeZone) })
  }
  return spans
}

const instantOf = (date: Temporal.PlainDate, time: string, timeZone: string): number =>
  date.toZonedDateTime({ timeZone, plainTime: Temporal.PlainTime.from(time) }).epochMilliseconds
