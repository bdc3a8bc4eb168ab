import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseExactJson } from '../../../../src/connectors/declarative/exact-json.ts'

test('a number arrives digit by digit as it was written', () => {
  assert.deepEqual(parseExactJson('{"a":[12.10,12345678901234567890,-0.000001],"b":"7"}'), {
    a: ['12.10', '12345678901234567890', '-0.000001'],
    b: '7',
  })
})

test('an exponent is written out exactly', () => {
  for (const [written, plain] of [
    ['1.5E+3', '1500'],
    ['1e-6', '0.000001'],
    ['-12.50e1', '-125'],
    ['12.345e1', '123.45'],
    ['0e5', '0'],
    ['1e2', '100'],
    ['100e-2', '1'],
  ]) {
    assert.equal(parseExactJson(String(written)), plain, written)
  }
  assert.equal(parseExactJson('1e400'), '1e400', 'what no quantity reaches is left to be refused')
})

test('an exponent changes no value', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: -12, max: 12 }), (n, e) => {
      assert.equal(Number(parseExactJson(`${n}e${e}`)), Number(`${n}e${e}`))
    }),
  )
})
