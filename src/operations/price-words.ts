import type { components } from '../model/generated/pricing-v1.ts'
import {
  currencyExponent,
  type Decimal,
  decimalText,
  type RoundingMode,
  toMinor,
  toWireMoney,
  type WireMoney,
} from '../model/money.ts'
import type { ErpPrice } from '../model/price.ts'

/*
 * How pricing v1 words what prices and quotes have in common.
 */

export const unitPriceOf = ({
  unitPrice,
  currency,
  per,
  uom,
}: ErpPrice): components['schemas']['UnitPrice'] => ({
  decimal: priceText(unitPrice, currency),
  currency,
  per: { value: decimalText(per), uom },
})

/** At least the currency's own fraction digits: `14.90`, `1.459`, `1490` for JPY. */
function priceText(amount: Decimal, currency: string): string {
  const exponent = currencyExponent(currency)
  const [whole = '', fraction = ''] = decimalText(amount).split('.')
  return exponent || fraction ? `${whole}.${fraction.padEnd(exponent, '0')}` : whole
}

/** A price rounded to the minor unit: for show, never to multiply. */
export const shownMoney = (amount: Decimal, currency: string, mode: RoundingMode): WireMoney =>
  toWireMoney({ minor: toMinor(amount, currency, mode), currency })

export const money = (minor: bigint, currency: string): WireMoney =>
  toWireMoney({ minor, currency })
