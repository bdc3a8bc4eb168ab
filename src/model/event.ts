/** Something that happened to one thing, as it is told to others. */
export type DomainEvent = {
  /** `order.accepted`, `reservation.held`. */
  readonly type: string
  readonly aggregate: {
    readonly type: 'order' | 'reservation' | 'stock'
    readonly id: string
    /** From 1, without gaps for one aggregate. */
    readonly sequence: number
  }
  /** Epoch ms. */
  readonly occurredAt: number
  readonly correlationId: string
  /** Whose it is, where it is somebody's. */
  readonly consumer: string | undefined
  readonly data: Readonly<Record<string, unknown>>
}

export type RecordedEvent = DomainEvent & {
  readonly id: string
  /** Epoch ms. */
  readonly recordedAt: number
  /** The place in the feed of all events: from 1, without gaps, never before one that was read already. */
  readonly feedSeq: number
}
