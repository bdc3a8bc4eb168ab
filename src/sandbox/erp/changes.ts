import { erpTimestamp } from '../format/erp-date.ts'
import type { ErpCall, ErpRequest } from './erp-call.ts'
import { ErpRejection } from './erp-message.ts'
import { seqText } from './sequence-number.ts'

const DEFAULT_LIMIT = 200
const MAX_LIMIT = 1000

/**
 * What changed after a sequence number: stock levels (MARD), prices (KONP) and orders (VBAK). Whoever asks again
 * with the answer's SEQNR misses nothing and sees nothing twice; without a number it begins now.
 */
export const changes: ErpCall = {
  name: 'changes',
  method: 'GET',
  path: '/erp/changes',
  answer: (request, books) => {
    const after = wholeNumber(request, 'after', books.seq, Number.MAX_SAFE_INTEGER)
    const limit = wholeNumber(request, 'limit', DEFAULT_LIMIT, MAX_LIMIT)
    const page = books.log.after(after, Math.max(1, limit))
    if (!page) {
      throw new ErpRejection(
        'CP010',
        `Changes are kept from ${seqText(books.log.floor)} on; read everything anew`,
      )
    }
    const upTo = page.more ? page.entries.at(-1)?.seq : undefined
    return {
      SEQNR: seqText(upTo ?? Math.max(after, books.seq)),
      MEHR: page.more ? 'J' : 'N',
      ET_AENDERUNG: page.entries.flatMap(({ seq, at, keys, orders = [] }) => {
        const head = { SEQNR: seqText(seq), TIMESTAMP: erpTimestamp(at) }
        return [
          ...keys.map(({ matnr, werks }) => ({
            ...head,
            OBJEKT: werks === undefined ? 'KONP' : 'MARD',
            MATNR: matnr,
            ...(werks !== undefined && { WERKS: werks }),
          })),
          ...orders.map(({ number, reference }) => ({
            ...head,
            OBJEKT: 'VBAK',
            VBELN: number,
            BSTNK: reference,
          })),
        ]
      }),
    }
  },
}

function wholeNumber({ query }: ErpRequest, name: string, fallback: number, max: number): number {
  const text = query.get(name)
  if (text === null) return fallback
  if (/^\d{1,16}$/.test(text) && Number(text) <= max) return Number(text)
  throw new ErpRejection('BAPI009', `${name}: a whole number up to ${max} is expected`)
}
