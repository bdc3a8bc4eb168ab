import assert from 'node:assert/strict'
import { test } from 'node:test'
import { published } from './published.ts'

type Input = { path?: object; query?: object; requestBody?: object }

/** Whether the validators that the gateway runs take a call; they coerce in place, so it gets its own. */
function takes(operationId: string, input: Input): boolean {
  const found = published.find(({ contract }) => contract.operationId === operationId)
  assert.ok(found, operationId)
  const subject = structuredClone({ path: {}, query: {}, header: {}, ...input })
  return found.contract.requestValidators.every(validate => validate(subject))
}

const skus = (count: number) => Array.from({ length: count }, (_, n) => `SKU-${n}`)
const quote = (quantity: object, more: object = {}) => ({
  requestBody: { channel: 'web', lines: [{ lineId: '1', sku: '100001', quantity }], ...more },
})

test('a URL asks for 50 SKUs, a body for 200, and neither for none', () => {
  assert.ok(takes('getAvailability', { query: { sku: skus(50) } }))
  assert.ok(!takes('getAvailability', { query: { sku: skus(51) } }))
  assert.ok(!takes('getAvailability', { query: {} }))
  assert.ok(takes('queryAvailability', { requestBody: { skus: skus(200) } }))
  assert.ok(!takes('queryAvailability', { requestBody: { skus: skus(201) } }))
  assert.ok(!takes('queryAvailability', { requestBody: { skus: [] } }))
})

// A SKU sent as a number has lost its leading zeros, and names another article or none.
test('a SKU is text: a number is refused, leading zeros are kept', () => {
  assert.ok(takes('queryAvailability', { requestBody: { skus: ['000123'] } }))
  assert.ok(!takes('queryAvailability', { requestBody: { skus: [123] } }))
  assert.ok(!takes('getStock', { path: { sku: '../admin' } }))
  assert.ok(!takes('getStock', { path: { sku: 'A'.repeat(41) } }))
})

test('a member that the contract does not know is refused, at every depth', () => {
  assert.ok(!takes('queryAvailability', { requestBody: { skus: ['1'], chanel: 'web' } }))
  assert.ok(!takes('createQuote', quote({ value: '1', uom: 'EA', unit: 'kg' })))
  assert.ok(!takes('createQuote', quote({ value: '1', uom: 'EA' }, { at: '2026-12-01T00:00:00Z' })))
})

test('an unknown query parameter is refused', () => {
  assert.ok(!takes('getPrices', { query: { sku: ['1'], channel: 'web', curency: 'EUR' } }))
})

test('pieces are whole, goods by weight need not be, and nothing is ordered zero times', () => {
  for (const value of ['1', '12.0', '999999999']) {
    assert.ok(takes('createQuote', quote({ value, uom: 'EA' })), value)
  }
  for (const value of ['1.5', '0', '0.000', '-1', '1e3', '1,5', '', '1.', 1]) {
    assert.ok(!takes('createQuote', quote({ value, uom: 'EA' })), String(value))
  }
  assert.ok(takes('createQuote', quote({ value: '1.250', uom: 'KGM' })))
  assert.ok(!takes('createQuote', quote({ value: '0.0', uom: 'KGM' })))
  assert.ok(!takes('createQuote', quote({ value: '1.2345678', uom: 'KGM' })))
})

test('an instant has an offset, and is one that every program can read', () => {
  const at = (text: string) =>
    takes('getPrices', { query: { sku: ['1'], channel: 'web', at: text } })
  for (const text of ['2026-12-01T00:00:00Z', '2026-12-01T00:00:00.123+01:00']) {
    assert.ok(at(text), text)
    assert.ok(Number.isFinite(Date.parse(text)), text)
  }
  for (const text of [
    '2026-12-01',
    '2026-12-01T00:00:00',
    '2026-12-01 00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2016-12-31T23:59:60Z',
    '2026-12-01T24:00:00Z',
  ]) {
    assert.ok(!at(text), text)
  }
})

test('prices are asked for in a channel', () => {
  assert.ok(!takes('getPrices', { query: { sku: ['1'] } }))
  assert.ok(!takes('createQuote', { requestBody: { lines: quote({}).requestBody.lines } }))
})

test('what may be personal is marked, so that no log shows it', () => {
  const prices = published.find(({ contract }) => contract.operationId === 'getPrices')
  const marked = prices?.contract.parameters.filter(({ redacted }) => redacted)
  assert.deepEqual(
    marked?.map(({ name }) => name),
    ['customerGroup'],
  )
})
