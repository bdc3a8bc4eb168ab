import { parseDecimal } from '../../src/model/money.ts'
import { createInMemoryErp } from '../support/in-memory-erp.ts'
import { priceRow, stockRow } from '../support/plain-sources.ts'
import { runErpConnectionSuite } from './suite/erp-connection-suite.ts'
import type { PriceTruth, StockTruth } from './suite/erp-under-test.ts'

const stock: StockTruth[] = ['DC-EAST', 'STORE-12'].flatMap((location, l) => [
  ...Array.from({ length: 10 }, (_, i) => ({
    sku: `TEE-${i}`,
    location,
    onHand: String(i * 7 + l),
    uom: 'EA',
  })),
  { sku: '0004711', location, onHand: '-3', uom: 'EA' },
  { sku: 'CHEESE', location, onHand: '12.375001', uom: 'KGM' },
])

const plain = { channel: 'web', currency: 'EUR', uom: 'EA', taxIncluded: true } as const
const prices: PriceTruth[] = [
  { ...plain, sku: 'TEE-1', quantity: '9', unitPrice: '14.9' },
  { ...plain, sku: 'TEE-1', quantity: '10', unitPrice: '14.155' },
  { ...plain, sku: 'TEE-1', customerGroup: 'club', quantity: '10', unitPrice: '11.622' },
  { ...plain, sku: '0004711', quantity: '1', unitPrice: '0.000000000000000001' },
]

runErpConnectionSuite({
  name: 'the in-memory reference',
  skip: [
    { cases: ['broken network'], reason: 'there is no network in between' },
    { cases: ['order posting', 'movement posting'], reason: 'it is for reads' },
  ],
  create: async () => {
    const connection = createInMemoryErp(
      {
        stock: stock.map(({ sku, location, onHand, uom }) =>
          stockRow(sku, location, onHand, { uom }),
        ),
        prices: [
          priceRow('TEE-1', '14.90'),
          priceRow('TEE-1', '14.155', { minQuantity: parseDecimal('10') }),
          priceRow('TEE-1', '11.622', { customerGroup: 'club' }),
          priceRow('0004711', '0.000000000000000001'),
        ],
      },
      Date.now,
    )
    return { connection, stock, prices, secrets: [], close: () => connection.close() }
  },
})
