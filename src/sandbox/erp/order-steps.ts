import type { Books } from '../books/books.ts'
import type { DocumentState, ErpDocument } from '../books/records.ts'
import { erpDate } from '../format/erp-date.ts'
import { ErpRejection } from './erp-message.ts'
import { stockAfter } from './stock-after.ts'

/** An order as it stands after a step, and the sequence number of the step. */
export type Stepped = { readonly document: ErpDocument; readonly seq: number }

/** From which states an order may get into a state. */
const FROM: Readonly<Partial<Record<DocumentState, readonly DocumentState[]>>> = {
  GELIEFERT: ['OFFEN'],
  FAKTURIERT: ['OFFEN', 'GELIEFERT'],
  STORNIERT: ['OFFEN'],
}

/**
 * Ships the whole order: its goods issue takes the stock, below zero if need be, for the goods have
 * left. @throws ErpRejection
 */
export function shipOrder(order: ErpDocument, books: Books): Stepped {
  const document = stepped(order, 'GELIEFERT')
  const goods = order.goods.map(line => ({ ...line, quantity: -line.quantity }))
  const goodsIssue: ErpDocument = {
    type: 'movement',
    number: books.documents.nextNumber('movement'),
    reference: order.reference,
    state: 'GEBUCHT',
    createdAt: books.now,
    content: { BWART: '601', BUDAT: erpDate(books.now), VGBEL: order.number },
    goods,
  }
  const stock = stockAfter(goods, books)
  return { document, seq: books.post({ stock, documents: [document, goodsIssue] }) }
}

/** @throws ErpRejection */
export const invoiceOrder = (order: ErpDocument, books: Books): Stepped =>
  step(order, 'FAKTURIERT', books)

/** @throws ErpRejection */
export const cancelOrder = (order: ErpDocument, books: Books): Stepped =>
  step(order, 'STORNIERT', books)

function step(order: ErpDocument, state: DocumentState, books: Books): Stepped {
  const document = stepped(order, state)
  return { document, seq: books.post({ documents: [document] }) }
}

function stepped(order: ErpDocument, state: DocumentState): ErpDocument {
  if (FROM[state]?.includes(order.state)) return { ...order, state }
  throw new ErpRejection(
    'V1348',
    `Order ${order.number} is ${order.state}; ${state} is not possible`,
  )
}
