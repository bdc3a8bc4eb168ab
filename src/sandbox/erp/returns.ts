import { documentCalls } from './document-calls.ts'
import type { ErpCall } from './erp-call.ts'
import { optionalText } from './fields.ts'
import { checkPositive, positionsOf } from './goods-lines.ts'

/** Returns orders: what a customer announces to send back. Stock waits for the goods movement. */
export const returnCalls: readonly ErpCall[] = documentCalls(
  { type: 'return', plural: 'returns', numberField: 'VBELN', referenceField: 'BSTNK' },
  (body, books) => {
    const { rows, goods } = positionsOf(body, books, 'KWMENG', row => ({
      AUGRU: optionalText(row, 'AUGRU', 3),
    }))
    checkPositive(goods, 'KWMENG')
    const content = { VGBEL: optionalText(body, 'VGBEL', 10), POSITIONEN: rows }
    return { state: 'OFFEN', content, goods }
  },
)
