const DAY_MS = 86_400_000

/** The last day there is: a validity that does not end. */
export const FOR_EVER = '99991231'

/** A date as the ERP writes it, YYYYMMDD; its days are those of UTC. */
export const erpDate = (epochMs: number): string =>
  new Date(epochMs).toISOString().slice(0, 10).replaceAll('-', '')

/** A time of day as the ERP writes it, hhmmss. */
export const erpTime = (epochMs: number): string =>
  new Date(epochMs).toISOString().slice(11, 19).replaceAll(':', '')

export const erpTimestamp = (epochMs: number): string => erpDate(epochMs) + erpTime(epochMs)

export const isErpDate = (value: unknown): value is string =>
  typeof value === 'string' &&
  /^\d{8}$/.test(value) &&
  value >= '19000101' &&
  erpDate(startOfDay(value)) === value

/** @param days may be negative */
export const addDays = (date: string, days: number): string =>
  erpDate(startOfDay(date) + days * DAY_MS)

/** A month of 13 gives another date than the one written, which is how it is found out. */
const startOfDay = (date: string): number =>
  Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6, 8)))
