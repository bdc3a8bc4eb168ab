import { asLocationId, asSku, type LocationId, type Sku } from './brand.ts'
import type { Quantity } from './quantity.ts'

/** One SKU at one location: the grain at which an ERP knows stock. */
export type StockKey = { readonly sku: Sku; readonly location: LocationId }

/** Stock as the ERP states it, before our reservations and buffers. */
export type ErpStock = StockKey & {
  /** What the connection's quantity semantics say: physical, or net of the ERP's own orders. */
  readonly onHand: Quantity
  /** GTIN-14, where the ERP knows it. */
  readonly gtin?: string
  /** Goods on the way, where the ERP says so. `date` is a calendar date of the location. */
  readonly nextSupply?: { readonly date: string; readonly quantity: Quantity }
  /** When we sent the request that this row answers, epoch ms: the watermark for an ERP without sequence. */
  readonly requestedAt: number
  /** Until when the ERP is known not to have changed it since, epoch ms; absent means `requestedAt`. */
  readonly verifiedAt?: number
  /** It has outlived its time, and is told because the ERP cannot be asked. */
  readonly isOverdue?: boolean
  /** The ERP's change sequence that this row contains, where `changeSequence` is NATIVE. */
  readonly erpSeq?: bigint
}

/** The text form of a stock key, usable as a map key: neither part contains a line feed. */
export const stockKeyText = ({ sku, location }: StockKey): string => `${sku}\n${location}`

/** The key that `stockKeyText` made a text of. */
export const stockKeyOf = (text: string): StockKey => {
  const [sku = '', location = ''] = text.split('\n')
  return { sku: asSku(sku), location: asLocationId(location) }
}
