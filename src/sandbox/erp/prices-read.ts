import type { Books } from '../books/books.ts'
import type { Material, PriceRecord } from '../books/records.ts'
import { isGross, TAX_PERCENT } from '../catalogue/sales-channels.ts'
import { amountText, quantityText } from '../format/decimal-comma.ts'
import { erpDate, erpTimestamp } from '../format/erp-date.ts'
import type { ErpCall } from './erp-call.ts'
import {
  dateOf,
  type Fields,
  optionalText,
  quantityOf,
  salesChannelOf,
  tableOf,
  textOf,
} from './fields.ts'
import { seqText } from './sequence-number.ts'

const MAX_ROWS = 200

/**
 * Condition records for up to 200 questions, one row per step of a scale: the list price, and the
 * customer group's where one is asked for and there is one. With a quantity, only the step that it
 * reaches. What has no price is left out.
 */
export const pricesRead: ErpCall = {
  name: 'prices.read',
  method: 'POST',
  path: '/erp/prices/read',
  answer: ({ body }, books) => ({
    SEQNR: seqText(books.seq),
    TIMESTAMP: erpTimestamp(books.now),
    ET_KONDITION: tableOf(body, 'IT_ANFRAGE', MAX_ROWS).flatMap(row => priceRows(row, books)),
  }),
}

function priceRows(question: Fields, books: Books): readonly object[] {
  const matnr = textOf(question, 'MATNR', 40)
  const vtweg = salesChannelOf(question)
  const currency = textOf(question, 'WAERK', 3)
  const konda = optionalText(question, 'KONDA', 2)
  const day = question.PRSDT === undefined ? erpDate(books.now) : dateOf(question, 'PRSDT')
  const quantity = question.MENGE === undefined ? undefined : quantityOf(question, 'MENGE')
  const material = books.material(matnr)
  if (!material) return []
  return books
    .prices(matnr)
    .filter(record => record.vtweg === vtweg && record.currency === currency)
    .filter(record => record.konda === '' || record.konda === konda)
    .filter(({ from, to }) => from <= day && day <= to)
    .flatMap(record => stepsFor(record, quantity).map(step => priceRow(record, step, material)))
}

type Step = PriceRecord['scales'][number]

function stepsFor({ scales }: PriceRecord, quantity: number | undefined): readonly Step[] {
  if (quantity === undefined) return scales
  const reached = scales.findLast(step => step.from <= quantity)
  return reached ? [reached] : []
}

const priceRow = (record: PriceRecord, step: Step, material: Material): object => ({
  MATNR: record.matnr,
  VTWEG: record.vtweg,
  KONWA: record.currency,
  ...(record.konda !== '' && { KONDA: record.konda }),
  KNUMH: record.knumh,
  DATAB: record.from,
  DATBI: record.to,
  KSTBM: quantityText(step.from),
  KBETR: amountText(step.amount),
  KPEIN: String(record.per),
  KMEIN: material.unit,
  ...(record.was !== undefined && { STREICHPREIS: amountText(record.was) }),
  TAXM1: material.taxClass,
  MWSBP: amountText(TAX_PERCENT[material.taxClass]),
  BRUTTO: isGross(record.vtweg) ? 'J' : 'N',
})
