/** Calls of one operation of a version on its way out, by one consumer. */
export type VersionUse = {
  readonly api: string
  readonly version: string
  readonly operation: string
  readonly consumer: string
}

export type VersionUsage = VersionUse & {
  readonly calls: number
  /** The last day with a call, `YYYY-MM-DD` in UTC. */
  readonly lastDay: string
}

/** Who still calls what will go. */
export interface VersionUsageStore {
  /** Counts a call that was let through; without I/O. */
  count(use: VersionUse): void
  /** @param days how far to look back, today included */
  report(days: number): Promise<readonly VersionUsage[]>
  /** Writes what has been counted; nothing is counted afterwards. */
  close(): Promise<void>
}
