import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { callCost, countParameter } from '../../../src/gateway/call-cost.ts'
import { Problem } from '../../../src/kernel/problems.ts'
import { arrived, PLACE } from '../../support/exchanges.ts'
import { TestClock } from '../../support/test-clock.ts'

const clock = new TestClock()
const perBodyItem = {
  at: PLACE,
  base: 2,
  perItems: { in: 'body', name: 'skus', count: 20 },
} as const

it('each started 20 SKUs beyond the first 20 cost one unit more', () => {
  const cost = callCost(
    { at: PLACE, base: 1, perItems: { in: 'query', name: 'sku', count: 20 } },
    99,
  )
  const costOf = (items: number) =>
    cost(arrived({ clock, url: `/x?${Array(items).fill('sku=A').join('&')}` }))
  assert.deepEqual([0, 1, 20, 21, 40, 41, 200].map(costOf), [1, 1, 1, 2, 2, 3, 10])
})

it('a flat cost looks at nothing', () => {
  assert.equal(callCost({ at: PLACE, base: 3, perItems: undefined }, 99)(arrived({ clock })), 3)
})

// Otherwise %73ku=… would ask for 200 SKUs at the price of one.
it('a parameter is counted as often as a query parser finds it, however it is written', () => {
  const name = fc.constantFrom(
    'sku',
    '%73ku',
    's%6bu',
    'sk%75',
    'SKU',
    'skus',
    'xsku',
    'sk',
    '%',
    '',
  )
  const pair = fc.tuple(name, fc.constantFrom('', '=', '=A', '=a%26sku=b', '=sku', '=%', '=a=b'))
  fc.assert(
    fc.property(fc.array(pair), pairs => {
      const search = pairs.map(parts => parts.join('')).join('&')
      const expected = new URLSearchParams(search).getAll('sku').length
      assert.equal(countParameter(search, 'sku'), expected, search)
    }),
  )
})

it('the items of a body are charged, and the body is still there for the validator', async () => {
  const body = JSON.stringify({ skus: Array(45).fill('A') })
  const exchange = arrived({ clock, body })
  assert.equal(await callCost(perBodyItem, 9999)(exchange), 4)
  assert.equal((await exchange.readBody(9999)).toString(), body)
})

it('a body that is nonsense costs the base', async () => {
  for (const body of ['', '{', '[]', 'null', '7', '{"skus":"A"}', '{"toString":1}']) {
    assert.equal(await callCost(perBodyItem, 99)(arrived({ clock, body })), 2, body)
  }
})

it('a body that is too large costs the base and is left to be refused', async () => {
  const exchange = arrived({ clock })
  exchange.readBody = () => Promise.reject(new Problem('payload-too-large'))
  assert.equal(await callCost(perBodyItem, 1)(exchange), 2)
})
