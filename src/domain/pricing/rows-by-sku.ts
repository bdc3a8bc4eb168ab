import type { Sku } from '../../model/brand.ts'
import type { ErpPrice, PriceKey } from '../../model/price.ts'

/**
 * Sorts what the ERP answered by SKU, and leaves out what was not asked for: some ERPs answer a
 * question about one price list with all of them.
 */
export function rowsBySku(
  rows: readonly ErpPrice[],
  { channel, currency }: Pick<PriceKey, 'channel' | 'currency'>,
): ReadonlyMap<Sku, readonly ErpPrice[]> {
  return Map.groupBy(
    rows.filter(row => row.channel === channel && row.currency === currency),
    row => row.sku,
  )
}
