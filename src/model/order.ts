import type { ChannelId, LocationId, Sku } from './brand.ts'

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
    /** Net price of one unit in major units, decimal text. */
    readonly netUnitPrice: string
  }[]
}

export type ErpOrderState = 'OPEN' | 'SHIPPED' | 'INVOICED' | 'CANCELLED'

/** An order as the ERP has it. */
export type ErpOrder = {
  readonly number: string
  readonly reference: string
  readonly state: ErpOrderState
  /** The ERP's change sequence up to which this is known, where it has one. */
  readonly seq: bigint | undefined
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

export type ErpPosting = {
  readonly id: string
  readonly orderId: string
  readonly connection: string
  readonly kind: 'create' | 'cancel'
  readonly reference: string
  readonly state: PostingState
  readonly attempts: number
  /** Attempts that reached the ERP and did not succeed; while it is away none does. */
  readonly failures: number
  /** Until then, epoch ms, somebody is at it. */
  readonly claimedUntil: number
  readonly payload: OrderPosting
  readonly payloadHash: string
  readonly erpNumber: string | undefined
  readonly erpSeq: bigint | undefined
  readonly erpState: ErpOrderState | undefined
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
