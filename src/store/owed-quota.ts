/** Names one consumer's quota period. */
export type QuotaPlace = {
  readonly key: string
  readonly window: string
  readonly startsAt: number
}

/** Units that were used while Redis did not answer, until it has been told. */
export interface OwedQuota {
  /** @param units negative when Redis turns out to have counted them itself */
  add(place: QuotaPlace, units: number): void
  /** Hands the units over to the caller, who adds them again if Redis cannot be told. */
  take(place: QuotaPlace): number
}

/** One figure a consumer: what is owed to a period that has passed is of no use and is dropped. */
export function createOwedQuota(): OwedQuota {
  const owed = new Map<string, { window: string; startsAt: number; units: number }>()
  return {
    add({ key, window, startsAt }, units) {
      if (units === 0) return
      const known = owed.get(key)
      if (known?.window === window && known.startsAt === startsAt) known.units += units
      else owed.set(key, { window, startsAt, units })
    },
    take({ key, window, startsAt }) {
      const known = owed.get(key)
      if (!known) return 0
      owed.delete(key)
      return known.window === window && known.startsAt === startsAt ? known.units : 0
    },
  }
}
