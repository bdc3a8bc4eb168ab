import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OdooClient } from '../../../../src/connectors/odoo/client.ts'
import { readLinePrices } from '../../../../src/connectors/odoo/line-prices.ts'
import { decimalText } from '../../../../src/model/money.ts'

const product = {
  id: '20',
  default_code: 'E-COM07',
  barcode: false,
  uom_id: ['1', 'Units'],
} as const
const list = {
  ...{ pricelist: 1, partner: 9, currency: 'USD', taxIncluded: false, taxCategory: 'STANDARD' },
}

const ask = (step: string, price_unit: string, price_total: string) => {
  const line = { product_id: '20', product_uom_qty: step, price_unit, price_total }
  const client: Pick<OdooClient, 'read'> = {
    read: async () => ({ value: { order_line: [['0', 'v0', line]] } }),
  }
  const products = [{ ...product, uom_id: [...product.uom_id] as [string, string] }]
  const question = { list, date: undefined, products, steps: [step], decimals: 2, company: 1 }
  const exchange = {
    ...{ connection: 'odoo', call: 'pricing.readPrices', correlationId: 'test' },
    ...{ workClass: 'browse', deadlineAt: Number.POSITIVE_INFINITY },
    signal: new AbortController().signal,
  }
  return readLinePrices(question, client as OdooClient, exchange)
}

// The list price would be shown, and less charged.
test('a discount apart from the unit price is not told as a price', async () => {
  await assert.rejects(ask('5', '320.0', '1440.0'), /discount/)
})

test('a unit price that its total bears out is told, be the total ever so small', async () => {
  const prices = [await ask('5.0', '299.99', '1499.95'), await ask('0.001', '1.99', '0.0')]
  assert.deepEqual(
    prices.flat().map(line => decimalText(line.unitPrice)),
    ['299.99', '1.99'],
  )
})
