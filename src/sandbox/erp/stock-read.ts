import type { Books } from '../books/books.ts'
import type { StockLevel } from '../books/records.ts'
import { quantityText } from '../format/decimal-comma.ts'
import { erpTimestamp } from '../format/erp-date.ts'
import type { ErpCall } from './erp-call.ts'
import { tableOf, textOf } from './fields.ts'
import { seqText } from './sequence-number.ts'

const MAX_ROWS = 200

/** Unrestricted-use stock of up to 200 material and plant pairs; unknown pairs are left out. */
export const stockRead: ErpCall = {
  name: 'stock.read',
  method: 'POST',
  path: '/erp/stock/read',
  answer: ({ body }, books) => ({
    SEQNR: seqText(books.seq),
    TIMESTAMP: erpTimestamp(books.now),
    ET_BESTAND: tableOf(body, 'IT_MATWRK', MAX_ROWS).flatMap(row => {
      const level = books.statedStock(textOf(row, 'MATNR', 40), textOf(row, 'WERKS', 4))
      return level ? [stockRow(level, books)] : []
    }),
  }),
}

/** Initial fields are left out, as the ERP's JSON writer does. */
function stockRow({ matnr, werks, quantity, supply }: StockLevel, books: Books): object {
  const material = books.material(matnr)
  return {
    MATNR: matnr,
    WERKS: werks,
    LABST: quantityText(quantity),
    MEINS: material?.unit,
    EAN11: material?.gtin,
    ...(supply && { EINDT: supply.date, EINMG: quantityText(supply.quantity) }),
  }
}
