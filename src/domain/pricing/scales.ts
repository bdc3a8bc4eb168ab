import { compareDecimals } from '../../model/money.ts'
import type { ErpPrice } from '../../model/price.ts'
import { type Choice, choosePrice, isFor, isInForce, type PriceQuestion } from './choose-price.ts'

/** From its row's `minQuantity` on, up to the next step, this is what one pays. */
export type Scales =
  | { readonly kind: 'scales'; readonly steps: readonly [ErpPrice, ...ErpPrice[]] }
  | Exclude<Choice, { kind: 'price' }>

/**
 * Every price that a quantity can get at this instant, lowest quantity first. It asks
 * `choosePrice` at each threshold, so that a listed scale and a quoted line cannot disagree.
 */
export function scalesOf(
  rows: readonly ErpPrice[],
  question: Omit<PriceQuestion, 'quantity'>,
): Scales {
  const candidates = rows.filter(
    row => isInForce(row, question.at) && isFor(row, question.customerGroup),
  )
  const byThreshold = candidates.toSorted((a, b) => compareDecimals(a.minQuantity, b.minQuantity))
  const steps: ErpPrice[] = []
  for (const { minQuantity } of byThreshold) {
    const choice = choosePrice(candidates, { ...question, quantity: minQuantity })
    if (choice.kind === 'tie') return choice
    if (choice.kind === 'price' && choice.row !== steps.at(-1)) steps.push(choice.row)
  }
  const [first, ...others] = steps
  return first ? { kind: 'scales', steps: [first, ...others] } : { kind: 'none' }
}
