import { erpTimestamp } from '../format/erp-date.ts'
import type { ErpCall } from './erp-call.ts'
import { seqText } from './sequence-number.ts'

export const ping: ErpCall = {
  name: 'ping',
  method: 'GET',
  path: '/erp/ping',
  answer: (_request, books) => ({
    SYSTEM: 'SBX',
    MANDT: '100',
    SEQNR: seqText(books.seq),
    TIMESTAMP: erpTimestamp(books.now),
  }),
}
