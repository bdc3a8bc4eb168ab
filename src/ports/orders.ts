import type {
  ErpPosting,
  HoldReason,
  Order,
  OrderLifecycle,
  PostingAttempt,
} from '../model/order.ts'

/** Orders, within one transaction. */
export interface Orders {
  /** @returns false when the channel has an order of this id already */
  insert(order: Order): Promise<boolean>
  find(id: string, options?: { lock: boolean }): Promise<Order | undefined>
  findByChannel(channel: string, channelOrderId: string): Promise<Order | undefined>
  /** Changes a locked order. */
  update(
    id: string,
    change: { lifecycle?: OrderLifecycle; reservationId?: string; version: number },
    now: number,
  ): Promise<void>
  openHold(id: string, reason: HoldReason, detail: string, now: number): Promise<void>
  closeHolds(id: string, now: number): Promise<void>
  /** Adds to a line's counters, in micros. */
  count(id: string, line: { lineId: string; shipped: bigint; cancelled: bigint }): Promise<void>
}

/** What ERPs are to be told of orders, within one transaction. */
export interface Postings {
  /** @returns false when the ERP is told this already */
  insert(
    posting: Pick<
      ErpPosting,
      'id' | 'orderId' | 'connection' | 'kind' | 'reference' | 'payload' | 'createdAt'
    >,
  ): Promise<boolean>
  find(id: string, options?: { lock: boolean }): Promise<ErpPosting | undefined>
  ofOrder(orderId: string): Promise<readonly ErpPosting[]>
  attemptsOf(orderId: string): Promise<readonly PostingAttempt[]>
  /** Begins an attempt of a locked posting. @returns its number */
  begin(id: string, claimedUntil: number, now: number): Promise<number>
  /** Ends an attempt, and says how the posting stands now. */
  end(
    id: string,
    n: number,
    outcome: { readonly outcome: string; readonly detail: string } & Pick<ErpPosting, 'state'> &
      Partial<Pick<ErpPosting, 'erpNumber' | 'erpSeq' | 'erpState' | 'cause' | 'failures'>> & {
        /** When the next attempt is due, epoch ms. */
        readonly dueAt?: number
      },
    now: number,
  ): Promise<void>
  /** Changes a locked posting. */
  update(
    id: string,
    change: Partial<Pick<ErpPosting, 'state' | 'erpState' | 'failures'>>,
    now: number,
  ): Promise<void>
  /**
   * Unfinished ones that were due before then: their jobs were lost. They count as due at `again` now.
   */
  takeOverdue(before: number, again: number, limit: number): Promise<readonly ErpPosting[]>
  /** Confirmed ones whose order is open at the ERP and that were not looked at since then; they count as looked at now. */
  takeWatched(
    connection: string,
    before: number,
    limit: number,
    now: number,
  ): Promise<readonly ErpPosting[]>
  /** @returns those that wait for a person, the oldest first */
  dead(limit: number): Promise<readonly ErpPosting[]>
}

/** Jobs, sent in the transaction that writes the row they are about. */
export interface Jobs {
  /** @param afterSeconds not before so long */
  post(posting: Pick<ErpPosting, 'id' | 'orderId'>, afterSeconds?: number): Promise<void>
}
