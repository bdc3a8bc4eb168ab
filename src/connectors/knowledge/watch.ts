/** Whether an ERP tells us without a gap what changes in it. */
export interface Watch {
  /** Every change after `since` has been told and dealt with, up to `upTo`; both epoch ms. */
  told(since: number, upTo: number): void
  /**
   * Until when what was asked for at `askedAt` is known not to have changed, unless a change was told of;
   * undefined when that is not known.
   */
  verifiedUntil(askedAt: number, now: number): number | undefined
  /** Until when changes are known, epoch ms. */
  readonly upTo: number | undefined
}

/** @param silentAfterMs an ERP that has said nothing for so long does not tell us any more */
export const createWatch = (silentAfterMs: number): Watch => {
  let since = Number.POSITIVE_INFINITY
  let upTo: number | undefined
  return {
    told(from, until) {
      since = from
      upTo = until
    },
    verifiedUntil: (askedAt, now) =>
      upTo !== undefined && askedAt > since && now - upTo <= silentAfterMs
        ? Math.max(askedAt, upTo)
        : undefined,
    get upTo() {
      return upTo
    },
  }
}
