import { amountText, quantityText } from '../format/decimal-comma.ts'
import { type DocumentKind, documentCalls, existing, headOf } from './document-calls.ts'
import type { ErpCall } from './erp-call.ts'
import { amountOf, type Fields, salesChannelOf, textOf } from './fields.ts'
import { checkPositive, positionsOf } from './goods-lines.ts'
import { cancelOrder } from './order-steps.ts'
import { seqText } from './sequence-number.ts'

export const ORDERS: DocumentKind = {
  type: 'order',
  plural: 'orders',
  numberField: 'VBELN',
  referenceField: 'BSTNK',
}

/** Sales orders. They take no stock; goods issues do. */
export const orderCalls: readonly ErpCall[] = [
  ...documentCalls(ORDERS, (body, books) => {
    const { rows, goods } = positionsOf(body, books, 'KWMENG', netPrice)
    checkPositive(goods, 'KWMENG')
    const content = {
      VTWEG: salesChannelOf(body),
      WAERK: textOf(body, 'WAERK', 3),
      POSITIONEN: rows,
    }
    return { state: 'OFFEN', content, goods }
  }),
  {
    name: 'orders.cancel',
    method: 'POST',
    path: '/erp/orders/:number/cancel',
    answer: ({ params }, books) => {
      const order = existing(ORDERS, params.number ?? '', books)
      const { document, seq } = cancelOrder(order, books)
      return { ...headOf({ ...document, seq }, ORDERS), SEQNR: seqText(seq) }
    },
  },
]

const netPrice = (row: Fields): Fields => ({
  ...amount(row, 'NETPR'),
  ...amount(row, 'NETWR'),
  LFMNG: quantityText(0),
})

const amount = (row: Fields, name: string): Fields =>
  row[name] === undefined ? {} : { [name]: amountText(amountOf(row, name)) }
