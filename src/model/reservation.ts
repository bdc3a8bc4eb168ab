import type { ChannelId, LocationId, Sku } from './brand.ts'

/** `HELD` may expire; `COMMITTED` belongs to an order; the others are ends, of which each has exactly one. */
export type ReservationState = 'HELD' | 'COMMITTED' | 'CONSUMED' | 'RELEASED' | 'EXPIRED'

/** A part of a line at one location. Quantities in micros of `uom`. */
export type Allocation = {
  readonly lineId: string
  readonly sku: Sku
  readonly location: LocationId
  readonly uom: string
  readonly quantity: bigint
  /** Shipped, picked up or sold. */
  readonly consumed: bigint
  /** Given back: cancelled, or its order edited. */
  readonly released: bigint
  /** The ERP's posting of its order, once that is known. */
  readonly ack?: { readonly seq: bigint | undefined; readonly at: number }
  /** The ERP subtracts it itself, and the newest snapshot shows it. */
  readonly contained: boolean
}

export type Reservation = {
  readonly id: string
  readonly consumer: string
  readonly channel: ChannelId
  readonly owner: { readonly type: 'CART' | 'ORDER' | 'QUOTE'; readonly id: string }
  readonly state: ReservationState
  /** Epoch ms. */
  readonly expiresAt: number
  readonly createdAt: number
  readonly version: number
  readonly allocations: readonly Allocation[]
}

/** What an allocation still takes from the stock. */
export const openQuantity = ({ quantity, consumed, released }: Allocation): bigint =>
  quantity - consumed - released
