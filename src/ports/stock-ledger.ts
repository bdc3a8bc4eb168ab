import type { Reservation, ReservationState } from '../model/reservation.ts'
import type { ErpStock, StockKey } from '../model/stock.ts'
import type { SnapshotMeaning, StockCounter } from '../model/stock-counter.ts'

/** What an ERP said of a key, and who it was. */
export type Snapshot = ErpStock & SnapshotMeaning & { readonly connection: string }

/** Held and committed quantities of one allocation change by so much, in micros. */
export type ReservationEntry = StockKey & {
  readonly reservationId: string
  readonly lineId: string
  readonly held: bigint
  readonly committed: bigint
  readonly reason: string
}

export type Movement = StockKey & {
  readonly source: string
  /** Unique within the source, for ever. */
  readonly sourceId: string
  /** Micros; negative for what left. */
  readonly delta: bigint
  readonly kind: string
  /** RFC 3339 with offset. */
  readonly occurredAt: string
  /** The ERP's posting of it: its change sequence, and when it was known here, epoch ms. */
  readonly ack?: { readonly seq: bigint | undefined; readonly at: number }
}

/**
 * The ledger of stock, within one transaction. Whoever changes a key locks it first: reservations before
 * counters, counters in the order of their keys, so that no two wait for each other.
 */
export interface StockLedger {
  /** Without a lock. A key of which nothing is known has no counter. */
  counters(keys: readonly StockKey[]): Promise<readonly StockCounter[]>
  /** @returns the counters of those keys that have one, locked until the transaction ends */
  lock(keys: readonly StockKey[]): Promise<readonly StockCounter[]>
  /**
   * Takes over what ERPs said, making counters where there are none; an older snapshot than the one held
   * is ignored. The keys get locked.
   */
  applySnapshots(snapshots: readonly Snapshot[]): Promise<void>
  /** Writes entries and adds them to counters that are locked. */
  enter(entries: readonly ReservationEntry[], at: number): Promise<void>
  /**
   * Writes a movement and adds it to its counter, which is locked.
   *
   * @returns `known` when the same one is there already; `changed` when another has its id
   */
  move(movement: Movement, at: number): Promise<'new' | 'known' | 'changed'>
  /** Notes that an ERP has posted a movement. */
  acknowledgeMovement(
    source: string,
    sourceId: string,
    ack: NonNullable<Movement['ack']>,
  ): Promise<void>
  /**
   * Notes that an ERP holds the order of a reservation, whose keys are locked. Where it subtracts its own
   * orders, that ends our subtracting as soon as a snapshot shows it.
   */
  acknowledgeOrder(
    order: { readonly reservationId: string; readonly locations: readonly string[] },
    ack: NonNullable<Movement['ack']>,
    meaning: SnapshotMeaning,
  ): Promise<void>
  /** Adds all counters up anew from snapshots, movements and entries. @returns the keys that differed */
  rebuild(): Promise<readonly StockKey[]>
}

/** Reservations, within one transaction. */
export interface Reservations {
  insert(reservation: Reservation): Promise<void>
  /** @param lock until the transaction ends */
  find(id: string, options?: { lock: boolean }): Promise<Reservation | undefined>
  /** Changes state, expiry or owner of a locked reservation, and raises its version. */
  update(
    id: string,
    change: { state?: ReservationState; expiresAt?: number; owner?: Reservation['owner'] },
  ): Promise<void>
  /** Adds to what an allocation has consumed or released, in micros. */
  take(
    id: string,
    part: { lineId: string; location: string; consumed: bigint; released: bigint },
  ): Promise<void>
  /** Locks those that are held and overdue: of these keys, or of any. Ones that others have locked are left out. */
  lockOverdue(
    now: number,
    which: { keys: readonly StockKey[] } | { limit: number },
  ): Promise<readonly Reservation[]>
}
