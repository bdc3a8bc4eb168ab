import type { Books } from '../books/books.ts'
import type { GoodsLine, StockLevel } from '../books/records.ts'

/**
 * The stock levels that movements lead to, one per material and plant, however many lines it has.
 *
 * @param goods signed: what comes in is positive
 */
export function stockAfter(goods: readonly GoodsLine[], books: Books): readonly StockLevel[] {
  const levels = new Map<string, StockLevel>()
  for (const { matnr, werks, quantity } of goods) {
    const key = `${matnr} ${werks}`
    const level = levels.get(key) ??
      books.physicalStock(matnr, werks) ?? { matnr, werks, quantity: 0 }
    levels.set(key, { ...level, quantity: level.quantity + quantity })
  }
  return [...levels.values()]
}
