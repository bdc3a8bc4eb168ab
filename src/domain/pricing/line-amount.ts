import { invariant } from '../../kernel/invariant.ts'
import {
  currencyExponent,
  type Decimal,
  divideRounded,
  type RoundingMode,
} from '../../model/money.ts'
import type { ErpPrice } from '../../model/price.ts'

/**
 * What a quantity costs, in minor units: rounded once, at the end, so that 37.125 litres at 1.459 EUR
 * are exact to the cent. This total is authoritative; nobody multiplies the unit price again.
 *
 * @param quantity in the row's `uom`
 */
export function lineAmountMinor(
  { unitPrice, per, currency }: Pick<ErpPrice, 'unitPrice' | 'per' | 'currency'>,
  quantity: Decimal,
  mode: RoundingMode,
): bigint {
  invariant(per.digits > 0n, 'a price is per a positive quantity')
  const numerator =
    unitPrice.digits * quantity.digits * power(per.scale + currencyExponent(currency))
  return divideRounded(numerator, per.digits * power(unitPrice.scale + quantity.scale), mode)
}

const power = (exponent: number): bigint => 10n ** BigInt(exponent)
