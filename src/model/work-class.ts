/** A kind of traffic, and its share of an ERP that cannot bear all at once. */
export type WorkClass = {
  readonly name: string
  /** Its part of what is served while others wait too, as against their weights. */
  readonly weight: number
  /** 0 ≤ floor < 1: the part of an ERP's capacity that is kept free for it when it asks for nothing. */
  readonly floor: number
}

/** The work class of what the gateway does for all its callers, such as logging in: it goes first. */
export const OWN_CALLS = 'postern'

/** How much of a capacity each class has set aside, in whole units. */
export type Reserves = ReadonlyMap<string, number>

/** @param capacity calls at a time, or calls in a window */
export const reservesOf = (classes: readonly WorkClass[], capacity: number): Reserves =>
  new Map(classes.map(({ name, floor }) => [name, Math.floor(floor * capacity)]))

/**
 * Whether one more call of a class leaves the other classes what is set aside for them.
 *
 * @param used by class; those without a call may be absent
 */
export function leavesReserves(
  workClass: string,
  capacity: number,
  reserves: Reserves,
  used: ReadonlyMap<string, number>,
): boolean {
  let taken = 0
  for (const calls of used.values()) taken += calls
  for (const [name, reserve] of reserves) {
    if (name !== workClass) taken += Math.max(0, reserve - (used.get(name) ?? 0))
  }
  return taken < capacity
}
