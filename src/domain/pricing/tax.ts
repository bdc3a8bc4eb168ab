import { type Decimal, decimalText, divideRounded, type RoundingMode } from '../../model/money.ts'

/** A line's amount as priced, and how it is taxed. */
export type TaxableLine = {
  readonly amountMinor: bigint
  readonly taxIncluded: boolean
  readonly taxCategory: string
  /** A fraction: `0.19`. */
  readonly taxRate: Decimal
}

/** `netMinor + taxMinor === grossMinor`, always. */
export type TaxedAmount = {
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly grossMinor: bigint
}

export type TaxRules = {
  readonly taxRounding: 'LINE' | 'DOCUMENT'
  readonly roundingMode: RoundingMode
}

/**
 * Taxes the lines of a document. `LINE` rounds each line's tax. `DOCUMENT` rounds once per tax
 * category and rate: a line then carries what the rounded running total grows by, so that the lines
 * still add up to the document exactly.
 *
 * @returns the lines, in order, with their amounts
 */
export function taxLines<Line extends TaxableLine>(
  lines: readonly Line[],
  rules: TaxRules,
): readonly (Line & TaxedAmount)[] {
  if (rules.taxRounding === 'LINE') {
    return lines.map(line => split(line, taxMinor(line.amountMinor, line, rules.roundingMode)))
  }
  const running = new Map<string, { amountMinor: bigint; taxMinor: bigint }>()
  return lines.map(line => {
    const key = taxKey(line)
    const before = running.get(key) ?? { amountMinor: 0n, taxMinor: 0n }
    const amountMinor = before.amountMinor + line.amountMinor
    const after = { amountMinor, taxMinor: taxMinor(amountMinor, line, rules.roundingMode) }
    running.set(key, after)
    return split(line, after.taxMinor - before.taxMinor)
  })
}

/** The rounded tax in, or on top of, an amount. */
function taxMinor(
  amountMinor: bigint,
  { taxRate, taxIncluded }: Pick<TaxableLine, 'taxRate' | 'taxIncluded'>,
  mode: RoundingMode,
): bigint {
  const whole = 10n ** BigInt(taxRate.scale)
  return divideRounded(
    amountMinor * taxRate.digits,
    taxIncluded ? whole + taxRate.digits : whole,
    mode,
  )
}

function split<Line extends TaxableLine>(line: Line, taxMinor: bigint): Line & TaxedAmount {
  const { amountMinor, taxIncluded } = line
  return taxIncluded
    ? { ...line, netMinor: amountMinor - taxMinor, taxMinor, grossMinor: amountMinor }
    : { ...line, netMinor: amountMinor, taxMinor, grossMinor: amountMinor + taxMinor }
}

/** Lines with the same key are rounded together under `DOCUMENT`. */
const taxKey = ({ taxCategory, taxRate, taxIncluded }: TaxableLine): string =>
  `${taxCategory}\n${decimalText(taxRate)}\n${taxIncluded}`

/** What is owed per tax category and rate, in order of first appearance: the tax block of a receipt. */
export type TaxTotal = TaxedAmount & { readonly taxCategory: string; readonly taxRate: Decimal }

export function taxTotals(
  lines: readonly (TaxedAmount & Pick<TaxableLine, 'taxCategory' | 'taxRate'>)[],
): readonly TaxTotal[] {
  const totals = new Map<string, TaxTotal>()
  for (const line of lines) {
    const key = `${line.taxCategory}\n${decimalText(line.taxRate)}`
    const total = totals.get(key)
    totals.set(key, {
      taxCategory: line.taxCategory,
      taxRate: line.taxRate,
      ...(total ? addAmounts(total, line) : amountsOf(line)),
    })
  }
  return [...totals.values()]
}

export const NOTHING: TaxedAmount = { netMinor: 0n, taxMinor: 0n, grossMinor: 0n }

export const addAmounts = (a: TaxedAmount, b: TaxedAmount): TaxedAmount => ({
  netMinor: a.netMinor + b.netMinor,
  taxMinor: a.taxMinor + b.taxMinor,
  grossMinor: a.grossMinor + b.grossMinor,
})

const amountsOf = ({ netMinor, taxMinor, grossMinor }: TaxedAmount): TaxedAmount => ({
  netMinor,
  taxMinor,
  grossMinor,
})
