import type { DomainEvent, RecordedEvent } from '../model/event.ts'

/** Events, within one transaction. */
export interface EventLog {
  append(...events: readonly DomainEvent[]): Promise<void>
  /** Of one aggregate, in order; those not yet in the feed have `feedSeq` 0. */
  of(type: DomainEvent['aggregate']['type'], id: string): Promise<readonly RecordedEvent[]>
}

/** The feed of all events. */
export interface EventFeed {
  /**
   * @param after `feedSeq` of the last one known
   * @param only  aggregates of these types; and of this consumer, where it is named
   * @returns events in the order of the feed, and where to go on
   */
  read(
    after: number,
    limit: number,
    only: { types: readonly DomainEvent['aggregate']['type'][]; consumer: string | undefined },
  ): Promise<{
    readonly events: readonly RecordedEvent[]
    readonly next: number
    readonly more: boolean
  }>
}
