import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  type Cases,
  callWith,
  inventoryOf,
  orRefused,
  sorted,
  stockKey,
  toTruth,
} from './erp-under-test.ts'

const UNKNOWN = 'NO-SUCH-SKU'

export const stockReads: Cases = {
  'known stock is told as the ERP tells it, to the last digit': async erp => {
    const rows = await inventoryOf(erp).readStock(erp.stock.map(stockKey), callWith())
    assert.deepEqual(sorted(rows.map(toTruth)), sorted(erp.stock))
  },

  // A zero would be sold out on the site, and nobody would look for the missing article.
  'an unknown SKU is absent, never zero': async erp => {
    const [known] = erp.stock
    assert.ok(known)
    const unknown = stockKey({ ...known, sku: UNKNOWN })
    const rows = await inventoryOf(erp).readStock([unknown, stockKey(known)], callWith())
    assert.deepEqual(rows.map(toTruth), [known])
    assert.deepEqual(await inventoryOf(erp).readStock([unknown], callWith()), [])
  },

  // Which places it serves is policy, so a connection may also refuse a place that it cannot name.
  'an unknown location is absent or refused, never zero': async erp => {
    const [known] = erp.stock
    assert.ok(known)
    const elsewhere = stockKey({ ...known, location: 'NO-SUCH-PLACE' })
    assert.deepEqual(await orRefused(inventoryOf(erp).readStock([elsewhere], callWith())), [])
  },

  // 0004711 and 4711 are two articles: one must not be told the stock of the other.
  'SKUs differ by letter case and leading zeros': async erp => {
    const known = new Map(erp.stock.map(row => [row.sku, row.location]))
    const near = [...known].flatMap(([sku, location]) =>
      [sku.replace(/^0+/, ''), `0${sku}`, sku.toLowerCase()]
        .filter(other => other && !known.has(other))
        .map(other => stockKey({ sku: other, location })),
    )
    const { maxStockKeys } = erp.connection.capabilities
    assert.deepEqual(await inventoryOf(erp).readStock(near.slice(0, maxStockKeys), callWith()), [])
  },

  'a batch of the declared size is answered whole': async erp => {
    const { maxStockKeys } = erp.connection.capabilities
    const known = erp.stock.slice(0, maxStockKeys)
    const filler = Array.from({ length: maxStockKeys - known.length }, (_, i) =>
      stockKey({ sku: `${UNKNOWN}-${i}`, location: known[0]?.location ?? '' }),
    )
    const keys = [...filler, ...known.map(stockKey)]
    const rows = await inventoryOf(erp).readStock(keys, callWith())
    assert.deepEqual(sorted(rows.map(toTruth)), sorted(known))
  },

  'any choice of keys in any order, some of them twice, is answered as each key alone would be':
    async erp => {
      const places = erp.stock.map((_, i) => i)
      const choice = fc.array(fc.constantFrom(...places), { minLength: 1, maxLength: 30 })
      await fc.assert(
        fc.asyncProperty(choice, async chosen => {
          const keys = chosen.flatMap(i => erp.stock[i] ?? []).map(stockKey)
          const rows = await inventoryOf(erp).readStock(keys, callWith())
          const expected = [...new Set(chosen)].flatMap(i => erp.stock[i] ?? [])
          const told = new Map(rows.map(row => [JSON.stringify(toTruth(row)), toTruth(row)]))
          assert.deepEqual(sorted([...told.values()]), sorted(expected))
        }),
        { numRuns: 10 },
      )
    },

  'reads at the same time do not mix': async erp => {
    const reads = erp.stock.slice(0, 16).map(async truth => {
      const rows = await inventoryOf(erp).readStock([stockKey(truth)], callWith())
      assert.deepEqual(rows.map(toTruth), [truth])
    })
    await Promise.all(reads)
  },

  // Later than it was, and a movement that the figure does not contain would be taken for absorbed.
  'a row says when it was asked for, not when it came': async erp => {
    const before = Date.now()
    const rows = await inventoryOf(erp).readStock(erp.stock.slice(0, 3).map(stockKey), callWith())
    const after = Date.now()
    assert.ok(rows.length > 0)
    for (const { requestedAt } of rows) assert.ok(requestedAt >= before && requestedAt <= after)
  },

  'nothing is asked for, nothing is told': async erp => {
    assert.deepEqual(await inventoryOf(erp).readStock([], callWith()), [])
  },

  'an ERP that is well answers a ping': async erp => {
    await erp.connection.ping(callWith())
  },
}
