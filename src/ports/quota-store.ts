/** Where used quota survives a restart of a process that counts alone. */
export type QuotaUsage = {
  readonly key: string
  readonly window: string
  /** Epoch ms of the period's start. */
  readonly startsAt: number
  /** Epoch ms of the next period's start: from then on the figure is of no use. */
  readonly endsAt: number
  readonly used: number
}

export interface QuotaStore {
  /** @returns what was used in periods that have not ended at `now` */
  load(now: number): Promise<readonly QuotaUsage[]>
  /**
   * Raises the stored figures of these keys and periods, in one transaction. A figure lower than the
   * stored one changes nothing, so that a late write never gives quota back.
   */
  save(usages: readonly QuotaUsage[]): Promise<void>
}
