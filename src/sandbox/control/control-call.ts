import type { Books } from '../books/books.ts'
import type { CallCounts } from '../call-counts.ts'
import type { ErpListener } from '../erp-listener.ts'

/** What a control call can look at and change. */
export type Controlled = {
  readonly books: Books
  readonly counts: CallCounts
  readonly erp: Pick<ErpListener, 'faults' | 'setFaults'>
}

export type ControlRequest = {
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
}

/** One call of the training and test interface; no fault touches it. */
export type ControlCall = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** @throws ControlRefusal */
  readonly answer: (request: ControlRequest, controlled: Controlled) => object
}

/** A control call that asks for what cannot be: 400 wrong, 404 not there, 409 not in this state. */
export class ControlRefusal extends Error {
  override name = 'ControlRefusal'
  readonly status: 400 | 404 | 409

  constructor(status: 400 | 404 | 409, message: string) {
    super(message)
    this.status = status
  }
}

/** @throws ControlRefusal when a member is there that the call does not know */
export function checkMembers(body: ControlRequest['body'], known: readonly string[]): void {
  const unknown = Object.keys(body).filter(name => !known.includes(name))
  if (unknown.length) {
    const message = `unknown: ${unknown.join(', ')}; known: ${known.join(', ')}`
    throw new ControlRefusal(400, message)
  }
}
