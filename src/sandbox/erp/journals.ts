import { amountText } from '../format/decimal-comma.ts'
import { documentCalls } from './document-calls.ts'
import type { ErpCall } from './erp-call.ts'
import { ErpRejection } from './erp-message.ts'
import { amountOf, dateOf, type Fields, tableOf, textOf } from './fields.ts'
import { MAX_POSITIONS } from './goods-lines.ts'

/** Accounting documents. Debit (SHKZG S) and credit (H) are equal, or nothing is posted. */
export const journalCalls: readonly ErpCall[] = documentCalls(
  { type: 'journal', plural: 'journals', numberField: 'BELNR', referenceField: 'XBLNR' },
  body => {
    const rows = tableOf(body, 'POSITIONEN', MAX_POSITIONS).map(rowOf)
    const balance = rows.reduce((sum, row) => sum + row.signed, 0)
    if (balance !== 0) {
      throw new ErpRejection('F5702', `Balance is ${amountText(balance)}, not zero`)
    }
    return {
      state: 'GEBUCHT',
      content: {
        BUKRS: textOf(body, 'BUKRS', 4),
        BUDAT: dateOf(body, 'BUDAT'),
        WAERS: textOf(body, 'WAERS', 3),
        POSITIONEN: rows.map(row => row.fields),
      },
      goods: [],
    }
  },
)

function rowOf(row: Fields): { signed: number; fields: Fields } {
  const side = textOf(row, 'SHKZG', 1)
  if (side !== 'S' && side !== 'H') {
    throw new ErpRejection('F5117', 'SHKZG: S (debit) or H (credit) is expected')
  }
  const amount = amountOf(row, 'WRBTR')
  return {
    signed: side === 'S' ? amount : -amount,
    fields: { HKONT: textOf(row, 'HKONT', 10), SHKZG: side, WRBTR: amountText(amount) },
  }
}
