/** Where used quota survives a restart of a process that counts alone. */
export type QuotaUsage = {
  readonly key: string
  readonly window: string
  /** Epoch ms of the period's start. */
  readonly startsAt: number
  readonly used: number
}

export interface QuotaStore {
  /** @returns what was used in periods that have not ended at `now` */
  load(now: number): Promise<readonly QuotaUsage[]>
  /** Replaces the stored figures of these keys and periods, in one transaction. */
  save(usages: readonly QuotaUsage[]): Promise<void>
}
