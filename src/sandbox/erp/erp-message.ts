/** The ERP's word on how a call went. It travels inside HTTP 200 when business says no. */
export type ErpMessage = {
  /** S success, E error, A abort. */
  readonly TYPE: 'S' | 'E' | 'A'
  /** Class and number, `M3305`. */
  readonly NUMBER: string
  readonly MESSAGE: string
}

/** A business no: nothing was posted. */
export class ErpRejection extends Error {
  override name = 'ErpRejection'
  readonly number: string

  constructor(number: string, message: string) {
    super(message)
    this.number = number
  }

  toMessage(): ErpMessage {
    return { TYPE: 'E', NUMBER: this.number, MESSAGE: this.message }
  }
}
