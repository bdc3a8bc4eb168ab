import type { ChannelId, LocationId, Sku } from './brand.ts'
import type { StockKey } from './stock.ts'

/** Only this is stored of an order's state; the other axes follow from its lines' counters. */
export type OrderLifecycle =
  | 'RECEIVED'
  | 'ACCEPTED'
  | 'ON_HOLD'
  | 'REJECTED'
  | 'RELEASED'
  | 'IN_FULFILMENT'
  | 'FULFILLED'
  | 'CANCELLED'
  | 'CLOSED'

export type HoldReason = 'STOCK_SHORT' | 'PAYMENT_PENDING' | 'MAPPING_MISSING' | 'ERP_REJECTED'

/** Quantities in micros of `uom`. */
export type OrderLine = {
  readonly lineId: string
  readonly sku: Sku
  readonly uom: string
  readonly ordered: bigint
  readonly shipped: bigint
  readonly cancelled: bigint
}

export type OrderHold = {
  readonly reason: HoldReason
  readonly detail: string
  /** Epoch ms. */
  readonly openedAt: number
  readonly closedAt: number | undefined
}

export type Order = {
  readonly id: string
  readonly consumer: string
  readonly channel: ChannelId
  readonly channelOrderId: string
  readonly payloadHash: string
  /** As it was sent. */
  readonly document: Readonly<Record<string, unknown>>
  readonly lifecycle: OrderLifecycle
  readonly reservationId: string | undefined
  readonly createdAt: number
  readonly updatedAt: number
  readonly version: number
  readonly policyRevision: string
  readonly lines: readonly OrderLine[]
  readonly holds: readonly OrderHold[]
}

/** An order's part for one ERP, as it is sent there. */
export type OrderPosting = {
  /** Ours, written into the ERP's document so that it can be looked up; at most 35 characters. */
  readonly reference: string
  readonly channel: ChannelId
  readonly currency: string
  readonly lines: readonly {
    readonly lineId: string
    readonly sku: Sku
    readonly location: LocationId
    /** Decimal text and unit. */
    readonly quantity: string
    readonly uom: string
    /** Net price of one unit in major units, decimal text, in the digits of the currency. */
    readonly netUnitPrice: string
    /** What the line is worth net, major units: it holds where units and price multiply to something else. */
    readonly netAmount: string
  }[]
}

/** What came and went at places that one ERP states the stock of, as it is sent there. */
export type MovementPosting = {
  /** As for orders. */
  readonly reference: string
  readonly lines: readonly (StockKey & {
    /** By whom and as what it was told to us. */
    readonly source: string
    readonly sourceId: string
    /** Decimal text, negative for what left, and unit. */
    readonly delta: string
    readonly uom: string
    readonly kind: string
    /** RFC 3339 with the offset of the place. */
    readonly occurredAt: string
  })[]
}

/** How an order stands at an ERP; of one that is shipped or invoiced nothing more will leave. */
export type ErpOrderState = 'OPEN' | 'SHIPPED' | 'INVOICED' | 'CANCELLED'

/** A document as the ERP has it. */
export type ErpDocument = {
  readonly number: string
  readonly reference: string
  /** The ERP's change sequence up to which this is known, where it has one. */
  readonly seq: bigint | undefined
}

export type ErpOrder = ErpDocument & {
  /** `DRAFT` is begun and not confirmed: creating it again finishes it. */
  readonly state: ErpOrderState | 'DRAFT'
  /** All that has left so far, in micros, where the ERP tells of parts; else it is all or nothing, by the state. */
  readonly shipped?: readonly (StockKey & { readonly quantity: bigint })[]
}

/**
 * `PENDING` waits for its turn; `SENDING` is under way; `UNKNOWN` was sent and not confirmed: it is looked
 * up, never sent again blindly. The others are ends; `DEAD` waits for a person.
 */
export type PostingState =
  | 'PENDING'
  | 'SENDING'
  | 'UNKNOWN'
  | 'CONFIRMED'
  | 'REJECTED'
  | 'DEAD'
  | 'DROPPED'

/** What one ERP is to be told: of an order, or of movements of stock. */
export type ErpPosting = OrderErpPosting | MovementErpPosting

export type OrderErpPosting = PostingRecord & {
  readonly kind: 'create' | 'cancel'
  readonly orderId: string
  readonly payload: OrderPosting
}

export type MovementErpPosting = PostingRecord & {
  readonly kind: 'movements'
  readonly orderId: undefined
  readonly payload: MovementPosting
}

type PostingRecord = {
  readonly id: string
  readonly connection: string
  readonly reference: string
  readonly state: PostingState
  readonly attempts: number
  /** Attempts that reached the ERP and did not succeed; while it is away none does. */
  readonly failures: number
  /** Until then, epoch ms, somebody is at it. */
  readonly claimedUntil: number
  readonly payloadHash: string
  readonly erpNumber: string | undefined
  readonly erpSeq: bigint | undefined
  readonly erpState: ErpOrderState | undefined
  /** How much of it had left in all when it was last looked at, micros. */
  readonly erpShipped: bigint
  readonly cause: string | undefined
  readonly lastError: string | undefined
  readonly createdAt: number
  readonly updatedAt: number
}

export type PostingAttempt = {
  readonly postingId: string
  readonly n: number
  readonly startedAt: number
  readonly endedAt: number | undefined
  readonly outcome: string | undefined
  readonly detail: string | undefined
}
