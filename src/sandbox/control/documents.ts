import { DOCUMENT_TYPES } from '../books/records.ts'
import { type ControlCall, ControlRefusal } from './control-call.ts'
import { checkParameters, pageOf } from './page.ts'

/** Every document the ERP holds, or those of one type, oldest first. */
export const documents: ControlCall = {
  method: 'GET',
  path: '/_control/documents',
  answer: ({ query }, { books }) => {
    checkParameters(query, ['type', 'limit', 'offset'])
    const asked = query.get('type')
    const type = DOCUMENT_TYPES.find(known => known === asked)
    if (asked !== null && !type) {
      throw new ControlRefusal(400, `type: must be one of ${DOCUMENT_TYPES.join(', ')}`)
    }
    return {
      items: pageOf(books.documents.all(type), query).map(document => ({
        type: document.type,
        number: document.number,
        reference: document.reference,
        state: document.state,
        createdAt: new Date(document.createdAt).toISOString(),
        content: document.content,
      })),
    }
  },
}
