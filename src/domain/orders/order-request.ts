import type { ChannelId, LocationId, Sku } from '../../model/brand.ts'
import type { Quantity } from '../../model/quantity.ts'

/** Amounts in the currency's minor unit. */
export type Amounts = {
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly grossMinor: bigint
}

export type OrderRequestLine = Amounts & {
  readonly lineId: string
  readonly sku: Sku
  readonly quantity: Quantity
  readonly location?: LocationId
}

/** An order as a channel places it. */
export type OrderRequest = {
  readonly channel: ChannelId
  readonly channelOrderId: string
  readonly currency: string
  readonly lines: readonly OrderRequestLine[]
  readonly shipping: Amounts | undefined
  readonly totals: Amounts
  readonly reservationId: string | undefined
  /** Some payment is announced, and none has been authorized. */
  readonly paymentPending: boolean
}

/** A sum that is not what it should be. `where` is a path in the order: `lines/0`, `totals`. */
export type SumError = { readonly where: string; readonly message: string }

/** Whether everything adds up, to the minor unit; all that does not, at once. */
export function sumErrors({ lines, shipping, totals }: OrderRequest): readonly SumError[] {
  const errors: SumError[] = []
  const check = (where: string, { netMinor, taxMinor, grossMinor }: Amounts) => {
    if (netMinor + taxMinor === grossMinor) return
    const message = `net and tax are ${netMinor + taxMinor}, the total says ${grossMinor}`
    errors.push({ where, message })
  }
  lines.forEach((line, index) => {
    check(`lines/${index}`, line)
  })
  if (shipping) check('shipping', shipping)
  check('totals', totals)
  const parts = [...lines, ...(shipping ? [shipping] : [])]
  for (const [name, of] of [
    ['net', (amounts: Amounts) => amounts.netMinor],
    ['tax', (amounts: Amounts) => amounts.taxMinor],
    ['gross', (amounts: Amounts) => amounts.grossMinor],
  ] as const) {
    const sum = parts.reduce((total, part) => total + of(part), 0n)
    if (sum === of(totals)) continue
    const message = `lines and shipping add up to ${sum}, the total says ${of(totals)}`
    errors.push({ where: `totals/${name}`, message })
  }
  return errors
}
