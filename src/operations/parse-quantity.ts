import { Problem, type ProblemError } from '../kernel/problems.ts'
import { parseQuantity, type Quantity, type WireQuantity } from '../model/quantity.ts'

/**
 * Reads the quantities of a list, all of them before any complaint.
 *
 * @param pointer where a quantity stands: `#/body/lines/3/quantity`
 * @throws Problem `invalid-request` for pieces that are not whole, which a contract cannot always say
 */
export function parseQuantities<T extends { readonly quantity: WireQuantity }>(
  items: readonly T[],
  pointer: (index: number) => string,
): readonly (Omit<T, 'quantity'> & { readonly quantity: Quantity })[] {
  const errors: ProblemError[] = []
  const parsed = items.flatMap((item, index) => {
    try {
      return [{ ...item, quantity: parseQuantity(item.quantity.value, item.quantity.uom) }]
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      errors.push({
        pointer: `${pointer(index)}/value`,
        code: 'whole',
        message: 'must be whole: EA counts pieces',
      })
      return []
    }
  })
  if (errors.length) throw new Problem('invalid-request', { errors })
  return parsed
}
