import { documentCalls } from './document-calls.ts'
import type { ErpCall } from './erp-call.ts'
import { ErpRejection } from './erp-message.ts'
import { dateOf, textOf } from './fields.ts'
import { positionsOf } from './goods-lines.ts'
import { stockAfter } from './stock-after.ts'

/**
 * Goods movements: each position adds its signed MENGE to the stock. Stock may go below zero: what
 * was sold at a till is gone, whatever the books said.
 */
export const movementCalls: readonly ErpCall[] = documentCalls(
  { type: 'movement', plural: 'movements', numberField: 'MBLNR', referenceField: 'XBLNR' },
  (body, books) => {
    const { rows, goods } = positionsOf(body, books, 'MENGE', () => ({}))
    if (goods.some(({ quantity }) => quantity === 0)) {
      throw new ErpRejection('M7018', 'MENGE: enter a quantity')
    }
    const content = {
      BWART: textOf(body, 'BWART', 3),
      BUDAT: dateOf(body, 'BUDAT'),
      POSITIONEN: rows,
    }
    return { state: 'GEBUCHT', content, goods }
  },
  (document, books) =>
    books.post({ stock: stockAfter(document.goods, books), documents: [document] }),
)
