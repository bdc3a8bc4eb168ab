import assert from 'node:assert/strict'
import { choosePrice } from '../../../src/domain/pricing/choose-price.ts'
import { decimalText, parseDecimal } from '../../../src/model/money.ts'
import type { ErpPrice } from '../../../src/model/price.ts'
import {
  type Cases,
  callWith,
  type ErpUnderTest,
  orRefused,
  type PriceTruth,
  priceKey,
  pricingOf,
} from './erp-under-test.ts'

/** The price that the rows say for a quantity, in the words of the truth. */
function priceFor(
  rows: readonly ErpPrice[],
  truth: PriceTruth,
  at: number,
): PriceTruth | undefined {
  const own = rows.filter(
    row =>
      row.sku === truth.sku && row.channel === truth.channel && row.currency === truth.currency,
  )
  const quantity = parseDecimal(truth.quantity)
  const choice = choosePrice(own, { customerGroup: truth.customerGroup, at, quantity })
  if (choice.kind !== 'price') return undefined
  const { unitPrice, uom, taxIncluded } = choice.row
  return { ...truth, unitPrice: decimalText(unitPrice), uom, taxIncluded }
}

async function readAll(erp: ErpUnderTest, truths: readonly PriceTruth[], at: number) {
  const keys = new Map(truths.map(truth => [JSON.stringify(priceKey(truth, at)), truth]))
  return pricingOf(erp).readPrices(
    [...keys.values()].map(truth => priceKey(truth, at)),
    callWith(),
  )
}

export const priceReads: Cases = {
  'each quantity costs what the ERP charges for it, to the last digit': async erp => {
    const at = Date.now()
    const rows = await readAll(erp, erp.prices, at)
    assert.deepEqual(
      erp.prices.map(truth => priceFor(rows, truth, at)),
      erp.prices,
    )
  },

  'a price is the same whatever it is asked with, and in whichever order': async erp => {
    const at = Date.now()
    const rows = await readAll(erp, erp.prices.toReversed(), at)
    for (const truth of [erp.prices[0], erp.prices.at(-1)]) {
      assert.ok(truth)
      const alone = await readAll(erp, [truth], at)
      assert.deepEqual(priceFor(alone, truth, at), truth)
      assert.deepEqual(priceFor(rows, truth, at), truth)
    }
  },

  // A price of 0 would be bought at once.
  'an unknown SKU has no price': async erp => {
    const at = Date.now()
    const [known] = erp.prices
    assert.ok(known)
    const unknown = { ...known, sku: 'NO-SUCH-SKU' }
    assert.deepEqual(await readAll(erp, [unknown], at), [])
    const mixed = await readAll(erp, [unknown, known], at)
    assert.deepEqual(priceFor(mixed, known, at), known)
    assert.ok(mixed.every(row => row.sku === known.sku))
  },

  'an unknown channel or currency has no price, or is refused': async erp => {
    const at = Date.now()
    const [known] = erp.prices
    assert.ok(known)
    for (const stranger of [
      { ...known, channel: 'no-such-channel' },
      { ...known, currency: 'XTS' },
    ]) {
      assert.deepEqual(await orRefused(readAll(erp, [stranger], at)), [])
    }
  },

  'a batch of the declared size is answered whole': async erp => {
    const at = Date.now()
    const [known] = erp.prices
    assert.ok(known)
    const { maxPriceKeys } = erp.connection.capabilities
    const filler = Array.from({ length: maxPriceKeys - 1 }, (_, i) => ({
      ...known,
      sku: `NO-SUCH-SKU-${i}`,
    }))
    const rows = await readAll(erp, [...filler, known], at)
    assert.deepEqual(priceFor(rows, known, at), known)
  },

  'every price is in force at the instant it was asked for, and above zero': async erp => {
    const at = Date.now()
    const rows = await readAll(erp, erp.prices, at)
    for (const { unitPrice, per, validFrom = at, validTo = Number.POSITIVE_INFINITY } of rows) {
      assert.ok(unitPrice.digits > 0n && per.digits > 0n)
      assert.ok(validFrom < validTo)
    }
  },
}
