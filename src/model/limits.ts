/** A plan's limits, compiled. Absent means that the plan does not set this limit. */
export type Limits = {
  readonly rate?: { readonly perSecond: number; readonly burst: number }
  readonly quota?: { readonly units: number; readonly window: QuotaWindow }
  readonly concurrency?: { readonly max: number }
}

/** The calendar period that `now` lies in, in the plan's time zone. */
export interface QuotaWindow {
  readonly name: 'hour' | 'day' | 'week' | 'month'
  /** In words: `day from 04:00, Europe/Berlin`. */
  readonly calendar: string
  /** @returns the period's bounds in epoch ms; `startsAt <= now < endsAt` */
  at(now: number): { readonly startsAt: number; readonly endsAt: number }
}
