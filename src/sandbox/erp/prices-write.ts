import { withPrice } from '../books/price-book.ts'
import type { PriceRecord } from '../books/records.ts'
import type { ErpCall } from './erp-call.ts'
import { ErpRejection } from './erp-message.ts'
import {
  amountOf,
  dateOf,
  type Fields,
  materialOf,
  optionalText,
  quantityOf,
  salesChannelOf,
  tableOf,
  textOf,
} from './fields.ts'
import { seqText } from './sequence-number.ts'

const MAX_STEPS = 20

/** Adds a condition record; others of the same key give way for its time. */
export const pricesWrite: ErpCall = {
  name: 'prices.write',
  method: 'POST',
  path: '/erp/prices/write',
  answer: ({ body }, books) => {
    const record = recordOf(body, materialOf(body, books).matnr, books.nextKnumh())
    const records = withPrice(books.prices(record.matnr), record)
    const seq = books.post({ prices: [{ matnr: record.matnr, records }] })
    return { KNUMH: record.knumh, SEQNR: seqText(seq) }
  },
}

function recordOf(body: Fields, matnr: string, knumh: string): PriceRecord {
  const [from, to] = [dateOf(body, 'DATAB'), dateOf(body, 'DATBI')]
  if (from > to) throw new ErpRejection('VK110', 'DATAB: the validity ends before it begins')
  const currency = textOf(body, 'KONWA', 3)
  if (!/^[A-Z]{3}$/.test(currency))
    throw new ErpRejection('E4001', `Currency ${currency} is unknown`)
  const scales = tableOf(body, 'STAFFEL', MAX_STEPS).map(row => ({
    from: quantityOf(row, 'KSTBM'),
    amount: amountOf(row, 'KBETR'),
  }))
  if (scales.some(({ from }, index) => from < 0 || from <= (scales[index - 1]?.from ?? -1))) {
    throw new ErpRejection('VK221', 'STAFFEL: the scale quantities must rise')
  }
  return {
    knumh,
    matnr,
    vtweg: salesChannelOf(body),
    currency,
    konda: optionalText(body, 'KONDA', 2),
    from,
    to,
    per: perOf(body),
    scales,
    ...(body.STREICHPREIS !== undefined && { was: amountOf(body, 'STREICHPREIS') }),
  }
}

function perOf(body: Fields): number {
  const text = optionalText(body, 'KPEIN', 5) || '1'
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new ErpRejection('VK020', 'KPEIN: a whole number from 1 is expected')
}
