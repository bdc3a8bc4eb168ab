import type { SapPeer } from '../support/sap.ts'
import type { PriceTruth, StockTruth } from './suite/erp-under-test.ts'

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

/** What every twelfth of the materials costs, and each side of its scale steps. */
export async function readPriceTruth(sap: SapPeer): Promise<PriceTruth[]> {
  const service = 'API_SLSPRICINGCONDITIONRECORD_SRV'
  const [validities, records, scales] = await Promise.all([
    sap.rows(service, 'A_SlsPrcgCndnRecdValidity'),
    sap.rows(service, 'A_SlsPrcgConditionRecord'),
    sap.rows(service, 'A_SlsPrcgCndnRecordScale'),
  ])
  const plain = { channel: 'web', currency: 'USD', uom: 'EA', taxIncluded: false }
  return validities
    .filter((_, i) => i % 12 === 0 || i % 15 === 0)
    .flatMap(({ Material, ConditionRecord }) => {
      const own = records.find(row => row.ConditionRecord === ConditionRecord)
      const steps = scales.filter(row => row.ConditionRecord === ConditionRecord)
      const base = { from: 1, price: own?.ConditionRateValue ?? '' }
      const lines = [base].concat(
        steps.map(row => ({
          from: Number(row.ConditionScaleQuantity),
          price: row.ConditionRateValue ?? '',
        })),
      )
      const lowestFirst = lines.toSorted((a, b) => a.from - b.from)
      return lowestFirst.flatMap(({ from, price }, i) => {
        const next = lowestFirst[i + 1]?.from
        const quantities = next === undefined ? [from, from + 1] : [from, next - 1]
        return quantities.map(quantity => ({
          ...plain,
          sku: Material ?? '',
          quantity: String(quantity),
          unitPrice: String(Number(price)),
        }))
      })
    })
}
