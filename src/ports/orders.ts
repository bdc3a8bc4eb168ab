import type {
  ErpPosting,
  HoldReason,
  MovementErpPosting,
  Order,
  OrderErpPosting,
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

/** A posting as it begins. */
export type NewPosting = Pick<OrderErpPosting, NewFields> | Pick<MovementErpPosting, NewFields>
type NewFields = 'id' | 'orderId' | 'connection' | 'kind' | 'reference' | 'payload' | 'createdAt'

/** What ERPs are to be told, within one transaction. */
export interface Postings {
  /** @returns false when the ERP is told this already */
  insert(posting: NewPosting): Promise<boolean>
  find(id: string, options?: { lock: boolean }): Promise<ErpPosting | undefined>
  ofOrder(orderId: string): Promise<readonly OrderErpPosting[]>
  /** @param of an order's id, or a posting's */
  attemptsOf(of: string): Promise<readonly PostingAttempt[]>
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
    change: Partial<Pick<ErpPosting, 'state' | 'erpState' | 'erpShipped' | 'failures' | 'payload'>>,
    now: number,
  ): Promise<void>
  /**
   * Unfinished ones that were due before then: their jobs were lost. They count as due at `again` now.
   */
  takeOverdue(before: number, again: number, limit: number): Promise<readonly ErpPosting[]>
  /** Makes those due that wait for an ERP that was away, the next ones first, at most so many. */
  hurry(connection: string, limit: number, now: number): Promise<void>
  /** Confirmed ones whose order is open at the ERP and that were not looked at since then; they count as looked at now. */
  takeWatched(
    connection: string,
    before: number,
    limit: number,
    now: number,
  ): Promise<readonly OrderErpPosting[]>
  /** Has those looked at next that an ERP says it has changed, by our references. */
  watchNext(connection: string, references: readonly string[]): Promise<void>
  /** What is not done yet, and what waits for a person. */
  waiting(): Promise<readonly WaitingPostings[]>
  /** @returns those that wait for a person, the oldest first */
  dead(which: DeadLetters, limit: number): Promise<readonly ErpPosting[]>
}

/** How many of a kind wait, and since when the oldest does, epoch ms. */
export type WaitingPostings = Pick<ErpPosting, 'connection' | 'kind' | 'state'> & {
  readonly count: number
  readonly oldestAt: number
}

/** Which dead letters: those that are all of this. */
export type DeadLetters = {
  readonly cause?: string | undefined
  readonly connection?: string | undefined
  readonly kind?: ErpPosting['kind'] | undefined
  /** Dead since before then, epoch ms. */
  readonly before?: number | undefined
  /** In what the ERP said last. */
  readonly text?: string | undefined
}

/** Jobs, sent in the transaction that writes the row they are about. */
export interface Jobs {
  /** @param afterSeconds not before so long */
  /** @param posting those of one order go one after another */
  post(posting: Pick<ErpPosting, 'id' | 'orderId'>, afterSeconds?: number): Promise<void>
}
