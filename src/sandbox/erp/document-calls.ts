import type { Books } from '../books/books.ts'
import type { DocumentType, ErpDocument } from '../books/records.ts'
import { erpDate, erpTime } from '../format/erp-date.ts'
import type { ErpCall } from './erp-call.ts'
import { ErpRejection } from './erp-message.ts'
import { type Fields, textOf } from './fields.ts'
import { seqText } from './sequence-number.ts'

/** What the ERP calls a kind of document, and its fields. */
export type DocumentKind = {
  readonly type: DocumentType
  /** The folder of its paths, and how its calls are counted: `orders`. */
  readonly plural: string
  /** The field with the ERP's own number. */
  readonly numberField: string
  /** The field with the other system's reference, at most 35 characters. */
  readonly referenceField: string
}

/**
 * The calls that every kind of document has: create, find by reference, read by number. Creating
 * twice makes two documents: the ERP leaves it to others to look before they create.
 *
 * @param compose checks what was sent; the reference and the number are seen to here
 */
export const documentCalls = (
  kind: DocumentKind,
  compose: (body: Fields, books: Books) => Pick<ErpDocument, 'state' | 'content' | 'goods'>,
  post: (document: ErpDocument, books: Books) => number = (document, books) =>
    books.post({ documents: [document] }),
): readonly ErpCall[] => [
  {
    name: `${kind.plural}.create`,
    method: 'POST',
    path: `/erp/${kind.plural}`,
    answer: ({ body }, books) => {
      const document: ErpDocument = {
        type: kind.type,
        number: books.documents.nextNumber(kind.type),
        reference: textOf(body, kind.referenceField, 35),
        createdAt: books.now,
        ...compose(body, books),
      }
      const seq = post(document, books)
      return { ...headOf({ ...document, seq }, kind), SEQNR: seqText(seq) }
    },
  },
  {
    name: `${kind.plural}.find`,
    method: 'GET',
    path: `/erp/${kind.plural}`,
    answer: ({ query }, books) => {
      const reference = query.get('ref')
      if (!reference) throw new ErpRejection('BAPI004', 'ref: enter a value')
      const documents = books.documents.findByReference(kind.type, reference)
      return {
        SEQNR: seqText(books.seq),
        ET_BELEG: documents.map(document => fieldsOfDocument(document, kind)),
      }
    },
  },
  {
    name: `${kind.plural}.read`,
    method: 'GET',
    path: `/erp/${kind.plural}/:number`,
    answer: ({ params }, books) => ({
      SEQNR: seqText(books.seq),
      ES_BELEG: fieldsOfDocument(existing(kind, params.number ?? '', books), kind),
    }),
  },
]

/** @throws ErpRejection */
export function existing(kind: DocumentKind, number: string, books: Books): ErpDocument {
  const document = books.documents.find(kind.type, number)
  if (document) return document
  throw new ErpRejection('V1302', `Document ${number} is not in the database`)
}

export const headOf = (document: ErpDocument, kind: DocumentKind): Fields => ({
  [kind.numberField]: document.number,
  [kind.referenceField]: document.reference,
  STATUS: document.state,
  ...(document.seq !== undefined && { BELSEQ: seqText(document.seq) }),
})

const fieldsOfDocument = (document: ErpDocument, kind: DocumentKind): Fields => ({
  ...headOf(document, kind),
  ERDAT: erpDate(document.createdAt),
  ERZET: erpTime(document.createdAt),
  ...document.content,
})
