import { compareDecimals, type Decimal } from '../../model/money.ts'
import type { ErpPrice } from '../../model/price.ts'

/** The one row that applies, none, or several that contradict each other. */
export type Choice =
  | { readonly kind: 'price'; readonly row: ErpPrice }
  | { readonly kind: 'none' }
  | { readonly kind: 'tie'; readonly rows: readonly ErpPrice[] }

export type PriceQuestion = {
  readonly customerGroup: string | undefined
  /** Epoch ms. */
  readonly at: number
  /** In the row's `uom`. */
  readonly quantity: Decimal
}

/**
 * Chooses the price that applies: highest `priority`, then narrowest scope (a customer group's price
 * over the list's), then latest `validFrom`, then the highest scale step that the quantity reaches.
 * Rows that still stand side by side and differ are a data error, not a coin toss; exact doubles agree.
 *
 * @param rows of one SKU, channel and currency
 */
export function choosePrice(rows: readonly ErpPrice[], question: PriceQuestion): Choice {
  let best: ErpPrice[] = []
  for (const row of rows) {
    if (!isInForce(row, question.at) || !isFor(row, question.customerGroup)) continue
    if (compareDecimals(row.minQuantity, question.quantity) > 0) continue
    const order = best[0] ? precedence(row, best[0]) : 1
    if (order > 0) best = [row]
    else if (order === 0) best.push(row)
  }
  const [row, ...others] = best
  if (!row) return { kind: 'none' }
  return others.every(other => saysTheSame(row, other))
    ? { kind: 'price', row }
    : { kind: 'tie', rows: best }
}

/** `validTo` is exclusive: at midnight the old price is gone and the new one holds. */
export const isInForce = (row: ErpPrice, at: number): boolean =>
  (row.validFrom ?? Number.NEGATIVE_INFINITY) <= at &&
  at < (row.validTo ?? Number.POSITIVE_INFINITY)

export const isFor = (row: ErpPrice, customerGroup: string | undefined): boolean =>
  row.customerGroup === undefined || row.customerGroup === customerGroup

/** Positive when `a` goes before `b`, zero when nothing tells them apart. */
function precedence(a: ErpPrice, b: ErpPrice): number {
  return (
    (a.priority ?? 0) - (b.priority ?? 0) ||
    Number(a.customerGroup !== undefined) - Number(b.customerGroup !== undefined) ||
    ordered(a.validFrom ?? Number.NEGATIVE_INFINITY, b.validFrom ?? Number.NEGATIVE_INFINITY) ||
    compareDecimals(a.minQuantity, b.minQuantity)
  )
}

/** Not by difference: −∞ minus −∞ is not a number. */
const ordered = (a: number, b: number): number => (a > b ? 1 : a < b ? -1 : 0)

const saysTheSame = (a: ErpPrice, b: ErpPrice): boolean =>
  a.uom === b.uom &&
  a.taxIncluded === b.taxIncluded &&
  a.taxCategory === b.taxCategory &&
  a.validTo === b.validTo &&
  isSame(a.unitPrice, b.unitPrice) &&
  isSame(a.per, b.per) &&
  isSame(a.taxRate, b.taxRate) &&
  isSame(a.wasPrice, b.wasPrice)

const isSame = (a: Decimal | undefined, b: Decimal | undefined): boolean =>
  a === undefined || b === undefined ? a === b : compareDecimals(a, b) === 0
