import { amountText } from '../format/decimal-comma.ts'
import { documentCalls } from './document-calls.ts'
import type { ErpCall } from './erp-call.ts'
import { amountOf, optionalText, textOf } from './fields.ts'

/** Credit memos: what a customer gets back, with the return or order that it is for (VGBEL). */
export const creditCalls: readonly ErpCall[] = documentCalls(
  { type: 'credit', plural: 'credits', numberField: 'VBELN', referenceField: 'BSTNK' },
  body => ({
    state: 'GEBUCHT',
    content: {
      VGBEL: optionalText(body, 'VGBEL', 10),
      WAERK: textOf(body, 'WAERK', 3),
      NETWR: amountText(amountOf(body, 'NETWR')),
      MWSBK: amountText(amountOf(body, 'MWSBK')),
    },
    goods: [],
  }),
)
