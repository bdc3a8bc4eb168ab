import type { Sku } from '../../model/brand.ts'
import type { Decimal, RoundingMode } from '../../model/money.ts'
import type { ErpPrice } from '../../model/price.ts'
import type { Quantity } from '../../model/quantity.ts'
import { choosePrice } from './choose-price.ts'
import { lineAmountMinor } from './line-amount.ts'

export type QuoteLineRequest = {
  /** The caller's own name for the line, given back unchanged. */
  readonly lineId?: string
  readonly sku: Sku
  /** Above zero. */
  readonly quantity: Quantity
}

/** A line with its price, before tax is split off or put on. */
export type PricedLine = QuoteLineRequest & {
  readonly price: ErpPrice
  readonly amountMinor: bigint
  readonly taxIncluded: boolean
  readonly taxCategory: string
  readonly taxRate: Decimal
}

/**
 * Why a line cannot be quoted:
 * - `no-price`            none in this channel, currency and customer group at this quantity
 * - `ambiguous-price`     several that contradict each other: a data error at the ERP
 * - `unit-not-priced`     sold, but not by this unit of measure
 * - `tax-rate-not-known`  the ERP does not say the rate, so that no binding total can be made
 * - `amount-too-large`    beyond what a JSON number carries exactly
 */
export type UnquotableReason =
  | 'no-price'
  | 'ambiguous-price'
  | 'unit-not-priced'
  | 'tax-rate-not-known'
  | 'amount-too-large'

export type LineResult =
  | { readonly ok: true; readonly line: PricedLine }
  | { readonly ok: false; readonly reason: UnquotableReason }

/**
 * Prices one line by the scale that its quantity reaches.
 *
 * @param rows all rows of the line's SKU, in the quote's channel and currency
 */
export function priceLine(
  request: QuoteLineRequest,
  rows: readonly ErpPrice[],
  {
    customerGroup,
    at,
    mode,
  }: { customerGroup: string | undefined; at: number; mode: RoundingMode },
): LineResult {
  const inUnit = rows.filter(row => row.uom === request.quantity.uom)
  if (!inUnit.length) return { ok: false, reason: rows.length ? 'unit-not-priced' : 'no-price' }
  const quantity = { digits: request.quantity.micros, scale: 6 }
  const choice = choosePrice(inUnit, { customerGroup, at, quantity })
  if (choice.kind === 'none') return { ok: false, reason: 'no-price' }
  if (choice.kind === 'tie') return { ok: false, reason: 'ambiguous-price' }
  const { row: price } = choice
  if (!price.taxRate) return { ok: false, reason: 'tax-rate-not-known' }
  const { taxIncluded, taxCategory, taxRate } = price
  const amountMinor = lineAmountMinor(price, quantity, mode)
  return { ok: true, line: { ...request, price, amountMinor, taxIncluded, taxCategory, taxRate } }
}
