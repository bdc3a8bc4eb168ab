import type { ErpOrder } from '../../model/order.ts'
import { type Allocation, openQuantity } from '../../model/reservation.ts'
import { stockKeyText } from '../../model/stock.ts'

/** All that has left by what an ERP says; 0 where it does not tell of parts. */
export const shippedTotal = ({ shipped = [] }: Pick<ErpOrder, 'shipped'>): bigint =>
  shipped.reduce((sum, { quantity }) => sum + quantity, 0n)

/** Of a part: what has left since we last looked, and what is open and never will leave. Micros. */
export type LeftPart = {
  readonly part: Allocation
  readonly quantity: bigint
  readonly rest: bigint
}

/**
 * Divides what an ERP says has left in all, by SKU and place, among the parts of the order there: those first
 * that come first, whatever the order of the news, so that any news lead to the same end.
 *
 * @param parts all that the ERP was given, also those that have left already
 * @returns `isMore` when more has left than was ordered there
 */
export function leftOf(
  parts: readonly Allocation[],
  { state, shipped }: Pick<ErpOrder, 'state' | 'shipped'>,
): { readonly parts: readonly LeftPart[]; readonly isMore: boolean } {
  const isOver = state === 'SHIPPED' || state === 'INVOICED'
  if (!shipped) {
    const all = isOver ? parts : []
    return {
      parts: all.map(part => ({ part, quantity: openQuantity(part), rest: 0n })),
      isMore: false,
    }
  }
  const left = new Map<string, bigint>()
  for (const { quantity, ...key } of shipped) {
    const text = stockKeyText(key)
    left.set(text, (left.get(text) ?? 0n) + quantity)
  }
  const take = (text: string, most: bigint): bigint => {
    const there = left.get(text) ?? 0n
    const taken = there < most ? there : most
    left.set(text, there - taken)
    return taken
  }
  for (const part of parts) take(stockKeyText(part), part.consumed)
  return {
    parts: parts.map(part => {
      const quantity = take(stockKeyText(part), openQuantity(part))
      return { part, quantity, rest: isOver ? openQuantity(part) - quantity : 0n }
    }),
    isMore: [...left.values()].some(quantity => quantity > 0n),
  }
}
