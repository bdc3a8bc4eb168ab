import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ParameterContract } from '../../../src/gateway/contract.ts'
import { parseQuery } from '../../../src/gateway/query.ts'

const parameter = (name: string, isList: boolean, defaultValue?: unknown): ParameterContract => ({
  name,
  in: 'query',
  isList,
  redacted: false,
  defaultValue,
})
const declared = new Map(
  [parameter('sku', true), parameter('channel', false), parameter('limit', false, 20)].map(p => [
    p.name,
    p,
  ]),
)

test('a list parameter collects its values in order, and one value is a list too', () => {
  assert.deepEqual(parseQuery('sku=B&sku=A', declared).values.sku, ['B', 'A'])
  assert.deepEqual(parseQuery('sku=00123', declared).values.sku, ['00123'])
})

test('a parameter that stands once may not be repeated', () => {
  assert.deepEqual(parseQuery('channel=web&channel=store', declared).repeated, ['channel'])
})

test('an unknown name is not also complained of as repeated', () => {
  assert.deepEqual(parseQuery('a/b=1&a/b=2', declared).repeated, [])
})

test('a default is applied where nothing was given', () => {
  assert.equal(parseQuery('', declared).values.limit, 20)
  assert.equal(parseQuery('limit=5', declared).values.limit, '5')
})

test('no query text harms the parser, and unknown names are kept for the validator', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      parseQuery(text, declared)
    }),
  )
  assert.deepEqual(Object.entries(parseQuery('__proto__=x', declared).values)[0], [
    '__proto__',
    'x',
  ])
  assert.equal(parseQuery('nope=1', declared).values.nope, '1')
})
