/** A snapshot older than this is called stale: twice the minute for which a list page may keep one. */
const STALE_AFTER_SECONDS = 120

export type SnapshotFreshness = {
  /** Epoch ms. */
  readonly snapshotAt: number
  readonly ageSeconds: number
  readonly stale: boolean
}

/** @param servedStale the answer is given although it has outlived its time: its ERP is slow or down */
export function freshnessOf(
  snapshotAt: number,
  now: number,
  servedStale: boolean,
): SnapshotFreshness {
  const ageSeconds = Math.max(0, Math.floor((now - snapshotAt) / 1000))
  return { snapshotAt, ageSeconds, stale: servedStale || ageSeconds > STALE_AFTER_SECONDS }
}
