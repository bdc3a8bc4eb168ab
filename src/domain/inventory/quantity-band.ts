import { type Quantity, wholeUnits } from '../../model/quantity.ts'

export type QuantityBand = '0' | '1-5' | '6+'

/** What those who may not see exact stock see: too coarse to read a competitor's sales from. */
export function quantityBand(quantity: Quantity): QuantityBand {
  if (quantity.micros <= 0n) return '0'
  /* A rest of 0.4 kg is stock, though no whole unit. */
  return wholeUnits(quantity) <= 5n ? '1-5' : '6+'
}
