import type { Books } from '../books/books.ts'
import type { Fields } from './fields.ts'

/** A call as it reaches the ERP's business logic. */
export type ErpRequest = {
  readonly params: Readonly<Record<string, string | undefined>>
  readonly query: URLSearchParams
  /** Empty for a GET. */
  readonly body: Fields
}

/** One thing that the ERP can be asked for. */
export type ErpCall = {
  /** As `_control/calls` counts it. */
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** @throws ErpRejection when business says no; nothing is posted then */
  readonly answer: (request: ErpRequest, books: Books) => object
}
