import type { SapPeer } from '../support/sap.ts'
import type { StockTruth } from './suite/erp-under-test.ts'

/*
 * What the stand-in says of itself, asked plainly: one set, no filter but the plant, added up here.
 * Nothing here is shared with the connector.
 */

/** The first so many materials in three places: one of two storage locations, two of one. */
export async function readStockTruth(sap: SapPeer): Promise<StockTruth[]> {
  const truth: StockTruth[] = []
  for (const location of ['1710', 'ST01', 'ST02']) {
    const all = await sap.rows(
      'API_MATERIAL_STOCK_SRV',
      'A_MatlStkInAcctMod',
      `$filter=Plant%20eq%20'${location}'`,
    )
    const free = all.filter(row => row.InventoryStockType === '01')
    const materials = [...new Set(free.map(row => row.Material ?? ''))].sort().slice(0, 30)
    for (const sku of materials) {
      const onHand = free
        .filter(row => row.Material === sku)
        .reduce((sum, row) => sum + Number(row.MatlWrhsStkQtyInMatlBaseUnit), 0)
      truth.push({ sku, location, onHand: String(onHand), uom: 'EA' })
    }
  }
  return truth
}
