import type { Books } from '../books/books.ts'
import { openQuantity } from '../books/open-orders.ts'
import type { DocumentState, ErpDocument, GoodsLine } from '../books/records.ts'
import { quantityText } from '../format/decimal-comma.ts'
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

/** How much of a material leaves a plant, thousandths. */
export type Shipment = Pick<GoodsLine, 'matnr' | 'werks' | 'quantity'>

/**
 * Ships an order, or parts of it: the goods issue takes the stock, below zero if need be, for the goods
 * have left. The order stays open until everything has. @throws ErpRejection
 */
export function shipOrder(order: ErpDocument, books: Books, parts?: readonly Shipment[]): Stepped {
  checkStep(order, 'GELIEFERT')
  const goods = parts ? delivered(order, parts) : order.goods.map(allDelivered)
  const isDone = goods.every(line => openQuantity(line) === 0)
  return issueGoods(order, { goods, state: isDone ? 'GELIEFERT' : 'OFFEN' }, books)
}

/** What is invoiced has left: the rest is shipped with it. @throws ErpRejection */
export function invoiceOrder(order: ErpDocument, books: Books): Stepped {
  checkStep(order, 'FAKTURIERT')
  return issueGoods(order, { goods: order.goods.map(allDelivered), state: 'FAKTURIERT' }, books)
}

/** Posts the order as it is now, and a goods issue of what has left since. */
function issueGoods(
  order: ErpDocument,
  { goods, state }: Pick<ErpDocument, 'goods' | 'state'>,
  books: Books,
): Stepped {
  const { POSITIONEN: rows } = order.content as { POSITIONEN: readonly object[] }
  const POSITIONEN = rows.map((row, i) => ({
    ...row,
    LFMNG: quantityText(goods[i]?.delivered ?? 0),
  }))
  const document = { ...order, state, goods, content: { ...order.content, POSITIONEN } }
  const issued = goods
    .map(({ matnr, werks, delivered = 0 }, i) => {
      const before = order.goods[i]?.delivered ?? 0
      return { matnr, werks, quantity: before - delivered }
    })
    .filter(({ quantity }) => quantity !== 0)
  if (issued.length === 0) return { document, seq: books.post({ documents: [document] }) }
  const goodsIssue: ErpDocument = {
    type: 'movement',
    number: books.documents.nextNumber('movement'),
    reference: order.reference,
    state: 'GEBUCHT',
    createdAt: books.now,
    content: { BWART: '601', BUDAT: erpDate(books.now), VGBEL: order.number },
    goods: issued,
  }
  const stock = stockAfter(issued, books)
  return { document, seq: books.post({ stock, documents: [document, goodsIssue] }) }
}

const allDelivered = (line: GoodsLine): GoodsLine => ({ ...line, delivered: line.quantity })

/** @throws ErpRejection when more would leave than was ordered */
function delivered(order: ErpDocument, parts: readonly Shipment[]): readonly GoodsLine[] {
  const left = new Map<string, number>()
  for (const { matnr, werks, quantity } of parts) {
    const key = `${matnr} ${werks}`
    left.set(key, (left.get(key) ?? 0) + quantity)
  }
  const goods = order.goods.map(line => {
    const key = `${line.matnr} ${line.werks}`
    const quantity = Math.min(openQuantity(line), left.get(key) ?? 0)
    left.set(key, (left.get(key) ?? 0) - quantity)
    return { ...line, delivered: (line.delivered ?? 0) + quantity }
  })
  const over = [...left].find(([, quantity]) => quantity > 0)
  if (!over) return goods
  throw new ErpRejection('VL367', `Order ${order.number}: more of ${over[0]} than is open`)
}

/** @throws ErpRejection */
export function cancelOrder(order: ErpDocument, books: Books): Stepped {
  checkStep(order, 'STORNIERT')
  if (order.goods.some(({ delivered = 0 }) => delivered > 0)) {
    throw new ErpRejection(
      'V1348',
      `Order ${order.number} has left in parts; STORNIERT is not possible`,
    )
  }
  const document: ErpDocument = { ...order, state: 'STORNIERT' }
  return { document, seq: books.post({ documents: [document] }) }
}

function checkStep(order: ErpDocument, state: DocumentState): void {
  if (FROM[state]?.includes(order.state)) return
  throw new ErpRejection(
    'V1348',
    `Order ${order.number} is ${order.state}; ${state} is not possible`,
  )
}
