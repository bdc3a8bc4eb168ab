import { divideRounded } from '../../model/money.ts'
import type { Amounts } from '../orders/order-request.ts'

/** A line of an order as it was sold. Quantities in micros. */
export type SoldLine = Amounts & {
  readonly lineId: string
  readonly ordered: bigint
  /** What refunds have been given for already. */
  readonly refunded: bigint
}

export type RefundedLine = Amounts & { readonly lineId: string; readonly quantity: bigint }

/** What is to be given back, with the arithmetic. `total` is lines and shipping less the fee. */
export type RefundProposal = {
  readonly lines: readonly RefundedLine[]
  readonly shipping: Amounts
  readonly fee: Amounts
  readonly total: Amounts
}

export const NOTHING: Amounts = { netMinor: 0n, taxMinor: 0n, grossMinor: 0n }

/**
 * What a part of an order is worth, by cumulative proration: each refund brings what has been given back to the
 * rounded share of the whole. However an order is divided into returns, they add up to it exactly; rounding each
 * refund by itself would not.
 *
 * Shipping goes back in the share of the goods' gross value, with the last unit whole.
 *
 * @param now quantity of each line that is refunded now, micros
 * @param fee kept for handling: net, tax and gross; never more than what is given back
 * @throws RangeError when more of a line is asked back than is left of it
 */
export function proposeRefund(
  sold: { readonly lines: readonly SoldLine[]; readonly shipping: Amounts },
  now: ReadonlyMap<string, bigint>,
  fee: Amounts = NOTHING,
): RefundProposal {
  const lines = sold.lines.flatMap(line => {
    const quantity = now.get(line.lineId) ?? 0n
    if (quantity === 0n) return []
    const after = line.refunded + quantity
    if (quantity < 0n || after > line.ordered) {
      throw new RangeError(`line ${line.lineId}: more than is left of it`)
    }
    const part = between(line, line.refunded, after, line.ordered)
    return [{ lineId: line.lineId, quantity, ...part }]
  })
  const shipping = shippingShare(sold, now)
  const back = sum([...lines, shipping])
  const kept = fee.grossMinor > back.grossMinor ? back : fee
  return { lines, shipping, fee: kept, total: minus(back, kept) }
}

function shippingShare(
  { lines, shipping }: { readonly lines: readonly SoldLine[]; readonly shipping: Amounts },
  now: ReadonlyMap<string, bigint>,
): Amounts {
  const worth = (of: (line: SoldLine) => bigint): bigint =>
    lines.reduce((total, line) => total + share(line.grossMinor, of(line), line.ordered), 0n)
  const whole = worth(line => line.ordered)
  // Goods that were given away count by their number.
  const measure = whole > 0n ? worth : (of: (line: SoldLine) => bigint) => total(lines, of)
  const before = measure(line => line.refunded)
  const after = measure(line => line.refunded + (now.get(line.lineId) ?? 0n))
  const all = measure(line => line.ordered)
  return all > 0n ? between(shipping, before, after, all) : NOTHING
}

const total = (lines: readonly SoldLine[], of: (line: SoldLine) => bigint): bigint =>
  lines.reduce((so, line) => so + of(line), 0n)

/** The share of amounts from one point to another of a whole. */
const between = (amounts: Amounts, from: bigint, to: bigint, whole: bigint): Amounts =>
  minus(upTo(amounts, to, whole), upTo(amounts, from, whole))

/** Net follows gross, so that neither it nor the tax ever goes back from one part to the next. */
function upTo({ netMinor, grossMinor }: Amounts, part: bigint, whole: bigint): Amounts {
  const gross = share(grossMinor, part, whole)
  const net = share(netMinor, gross, grossMinor)
  return { netMinor: net, taxMinor: gross - net, grossMinor: gross }
}

const share = (minor: bigint, part: bigint, whole: bigint): bigint =>
  whole === 0n ? 0n : divideRounded(minor * part, whole, 'HALF_UP')

export const sum = (all: readonly Amounts[]): Amounts =>
  all.reduce<Amounts>(
    (so, { netMinor, taxMinor, grossMinor }) => ({
      netMinor: so.netMinor + netMinor,
      taxMinor: so.taxMinor + taxMinor,
      grossMinor: so.grossMinor + grossMinor,
    }),
    NOTHING,
  )

export const minus = (a: Amounts, b: Amounts): Amounts => ({
  netMinor: a.netMinor - b.netMinor,
  taxMinor: a.taxMinor - b.taxMinor,
  grossMinor: a.grossMinor - b.grossMinor,
})
