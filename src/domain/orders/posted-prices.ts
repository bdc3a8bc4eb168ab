import { currencyExponent, divideRounded } from '../../model/money.ts'
import type { Allocation } from '../../model/reservation.ts'
import type { OrderRequest } from './order-request.ts'

/** What each line of an order is worth net, in the currency's minor unit, and how much of it there is, in micros. */
export type PostedPrices = {
  readonly currency: string
  readonly lines: ReadonlyMap<string, { readonly netMinor: bigint; readonly micros: bigint }>
}

export const postedPrices = ({
  currency,
  lines,
}: Pick<OrderRequest, 'currency' | 'lines'>): PostedPrices => ({
  currency,
  lines: new Map(
    lines.map(({ lineId, netMinor, quantity }) => [lineId, { netMinor, micros: quantity.micros }]),
  ),
})

/**
 * Prices the parts that lines were divided into: each part by its share of what the parts up to it are worth, so
 * that however a line is divided, its parts add up to the line.
 *
 * @returns prices as texts of major units, in all digits of the currency
 */
export function pricedParts(
  parts: readonly Pick<Allocation, 'lineId' | 'sku' | 'uom' | 'quantity' | 'location'>[],
  { currency, lines }: PostedPrices,
) {
  const digits = currencyExponent(currency)
  const upTo = new Map<string, bigint>()
  return parts.map(({ lineId, sku, uom, quantity, location }) => {
    const { netMinor, micros } = lines.get(lineId) ?? { netMinor: 0n, micros: quantity }
    const before = upTo.get(lineId) ?? 0n
    upTo.set(lineId, before + quantity)
    const worth = (part: bigint) => divideRounded(netMinor * part, micros, 'HALF_UP')
    const unit = divideRounded(netMinor * 1_000_000n, micros, 'HALF_UP')
    return {
      lineId,
      sku,
      uom,
      quantity,
      location,
      netUnitPrice: majorText(unit, digits),
      netAmount: majorText(worth(before + quantity) - worth(before), digits),
    }
  })
}

/** `1490` with two digits is `14.90`: all digits of the currency, as forms have them. */
function majorText(minor: bigint, digits: number): string {
  const text = String(minor).padStart(digits + 1, '0')
  return digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text
}
