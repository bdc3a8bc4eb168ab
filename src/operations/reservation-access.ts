import type { Admitted } from '../gateway/exchange.ts'

/** Whose reservations the caller may see and end: its own, or, with the scope for it, anybody's. */
export const reservationsOf = (exchange: Admitted): string | undefined =>
  exchange.trait('scope:inventory:reserve:all') === 'yes' ? undefined : exchange.trait('consumer')
