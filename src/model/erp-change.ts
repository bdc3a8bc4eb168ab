import type { Sku } from './brand.ts'
import type { StockKey } from './stock.ts'

/** Something that is not at the ERP any more as it was: the stock of a key, or any price of a SKU. */
export type ErpChange = (({ readonly kind: 'stock' } & StockKey) | PriceChange) & {
  /** The ERP's sequence number of the change, where it has one. */
  readonly erpSeq?: bigint
}

type PriceChange = { readonly kind: 'price'; readonly sku: Sku }
