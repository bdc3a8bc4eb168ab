import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalizeGtin } from '../../../src/model/gtin.ts'
import type { PriceRecord } from '../../../src/sandbox/books/records.ts'
import { firstDay } from '../../../src/sandbox/catalogue/first-day.ts'
import { toSku } from '../../../src/sandbox/format/material-number.ts'

const TODAY = '20261123'
const data = firstDay(TODAY)

test('the catalogue is a retailer’s: over 520 SKUs of digits and of words, pieces and weighed', () => {
  const skus = data.materials.map(({ matnr }) => toSku(matnr))
  assert.equal(new Set(skus).size, skus.length)
  assert.ok(skus.length >= 520)
  assert.ok(skus.filter(sku => /^[1-9]\d{5}$/.test(sku)).length >= 500)
  assert.equal(skus.filter(sku => sku.startsWith('TEE-CLASSIC-')).length, 20)
  assert.equal(data.materials.filter(({ unit }) => unit === 'KG').length, 40)
})

test('every GTIN has its check digit and belongs to one article', () => {
  for (const { gtin } of data.materials) assert.ok(normalizeGtin(gtin), gtin)
  assert.equal(new Set(data.materials.map(({ gtin }) => gtin)).size, data.materials.length)
})

test('the catalogue is the same every time', () => {
  assert.deepEqual(firstDay(TODAY), data)
})

test('some is gone, some is low, most is in stock, at every one of eight plants', () => {
  const levels = data.stock.length
  const gone = data.stock.filter(({ quantity }) => quantity === 0).length
  const low = data.stock.filter(({ quantity }) => quantity > 0 && quantity <= 5000).length
  assert.equal(new Set(data.stock.map(({ werks }) => werks)).size, 8)
  assert.ok(gone > levels * 0.05 && gone < levels * 0.2, `${gone} of ${levels} gone`)
  assert.ok(low > levels * 0.05 && low < levels * 0.2, `${low} of ${levels} low`)
})

test('no day has two prices for one article, channel, currency and group', () => {
  const key = ({ matnr, vtweg, currency, konda }: PriceRecord) =>
    [matnr, vtweg, currency, konda].join(' ')
  for (const [name, records] of Map.groupBy(data.prices, key)) {
    const inTime = records.toSorted((a, b) => (a.from < b.from ? -1 : 1))
    inTime.forEach((record, index) => {
      const before = inTime[index - 1]
      assert.ok(record.from <= record.to, name)
      assert.ok(!before || before.to < record.from, name)
    })
  }
})

test('every amount is more than nothing, and buying more is never dearer a piece', () => {
  for (const { knumh, scales } of data.prices) {
    scales.forEach(({ amount }, step) => {
      assert.ok(amount > 0, knumh)
      assert.ok(amount <= (scales[step - 1]?.amount ?? amount), knumh)
    })
  }
})

test('there are prices to come, gaps in each kind of channel, and a list in US dollars', () => {
  assert.ok(data.prices.some(({ from }) => from > TODAY))
  assert.ok(data.prices.some(({ was }) => was !== undefined))
  assert.ok(data.prices.some(({ currency, vtweg }) => currency === 'USD' && vtweg === '40'))
  for (const vtweg of ['10', '20', '30', '40']) {
    const priced = new Set(data.prices.filter(p => p.vtweg === vtweg).map(({ matnr }) => matnr))
    assert.ok(priced.size > 400 && priced.size < data.materials.length, vtweg)
  }
})
