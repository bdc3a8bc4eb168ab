import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rpcFailure } from '../../../../src/connectors/odoo/failures.ts'
import { rounded, toQuantity } from '../../../../src/connectors/odoo/values.ts'
import { decimalText } from '../../../../src/model/money.ts'
import { quantityText } from '../../../../src/model/quantity.ts'

const attempt = { connection: 'odoo', call: 'inventory.readStock' }

test("what a float adds of its own is not in the stock, and Odoo's .0 makes no fraction", () => {
  const kilograms = { code: 'KGM', decimals: 3 }
  assert.equal(quantityText(toQuantity('0.30000000000000004', kilograms)), '0.3')
  assert.equal(quantityText(toQuantity('-0.00000000000000005551115123125783', kilograms)), '0')
  assert.equal(quantityText(toQuantity('500.0', { code: 'EA', decimals: 0 })), '500')
  assert.equal(quantityText(toQuantity('2.9999999999999996', { code: 'EA', decimals: 0 })), '3')
})

// Rounded up it would be sold, and is not there.
test('half a piece is an error', () => {
  assert.throws(() => toQuantity('1.5', { code: 'EA', decimals: 0 }), RangeError)
})

test('a price is rounded by its text: no float stands between', () => {
  assert.equal(decimalText(rounded('1.005', 2)), '1.01')
  assert.equal(decimalText(rounded('299.99', 2)), '299.99')
})

test('an expired session is one, whatever its exception is called', () => {
  assert.equal(
    rpcFailure({ code: '100', message: 'Odoo Session Expired' }, attempt).kind,
    'session',
  )
  assert.equal(
    rpcFailure({ code: '0', data: { name: 'builtins.ValueError' } }, attempt).kind,
    'garbled',
  )
})
