import type { ChannelId, Sku } from './brand.ts'
import type { Decimal } from './money.ts'

/** What a price is asked for. */
export type PriceKey = {
  readonly sku: Sku
  readonly channel: ChannelId
  /** ISO 4217. */
  readonly currency: string
  /** The ERP's customer group or price list; absent means the channel's list price. */
  readonly customerGroup?: string
  /** The instant that must lie within the price's validity, epoch ms. */
  readonly at: number
}

/** One scale step of a price as the ERP states it. Several rows with rising `minQuantity` may answer one key. */
export type ErpPrice = {
  readonly sku: Sku
  readonly channel: ChannelId
  readonly currency: string
  readonly customerGroup?: string
  /** Major units per `per` of `uom`, exact and possibly finer than a minor unit. */
  readonly unitPrice: Decimal
  readonly per: Decimal
  readonly uom: string
  /** Applies from this quantity, in `uom`. */
  readonly minQuantity: Decimal
  readonly taxIncluded: boolean
  readonly taxCategory: string
  /** A fraction: `0.19`. Absent where the ERP does not say. */
  readonly taxRate?: Decimal
  /** Epoch ms; absent means unbounded. `validTo` is exclusive. */
  readonly validFrom?: number
  readonly validTo?: number
  /** The struck-through price in the same unit, where there is one. */
  readonly wasPrice?: Decimal
  /** The ERP's version or condition record, for the trail. */
  readonly sourceVersion?: string
  /** Higher wins; ties are a data error. */
  readonly priority?: number
  readonly requestedAt: number
  /** It has outlived its time, and is told because the ERP cannot be asked. */
  readonly isOverdue?: boolean
}

/** Whether a row answers a question: the list price answers every customer group's. */
export const samePriceQuestion = (key: PriceKey, row: ErpPrice): boolean =>
  key.sku === row.sku &&
  key.channel === row.channel &&
  key.currency === row.currency &&
  (row.customerGroup === undefined || row.customerGroup === key.customerGroup)
