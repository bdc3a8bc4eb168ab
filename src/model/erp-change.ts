import type { Sku } from './brand.ts'
import type { StockKey } from './stock.ts'

/** Something that is not at the ERP any more as it was. */
export type ErpChange = (StockChange | PriceChange | OrderChange) & {
  /** The ERP's sequence number of the change, where it has one. */
  readonly erpSeq?: bigint
}

/** The stock of a key. */
type StockChange = { readonly kind: 'stock' } & StockKey
/** Any price of a SKU. */
type PriceChange = { readonly kind: 'price'; readonly sku: Sku }
/** An order, by the reference that it bears: ours, or somebody else's. */
type OrderChange = { readonly kind: 'order'; readonly reference: string }
