import type { Admitted } from '../gateway/exchange.ts'

/*
 * All that an answer may depend on in its caller. Cache policies name these traits, so that no answer
 * made for one caller is given to another who would have got a different one.
 */

export const visibleRegions = (exchange: Admitted): ReadonlySet<string> =>
  new Set(exchange.trait('regions').split(','))

export const maySeeQuantity = (exchange: Admitted): boolean =>
  exchange.trait('scope:inventory:quantity') === 'yes'
