import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { batchAnswers, batchBody } from '../../../../src/connectors/sap-s4/batch.ts'
import { filtersOf } from '../../../../src/connectors/sap-s4/query.ts'
import { decimalOf } from '../../../../src/connectors/sap-s4/values.ts'
import { decimalText } from '../../../../src/model/money.ts'

const http = (status: number, body: string) =>
  `Content-Type: application/http\r\n\r\nHTTP/1.1 ${status} Told\r\nContent-Type: application/json\r\n\r\n${body}\r\n`

test('the parts of a batch keep their order, and a change set its place', () => {
  const set = `Content-Type: multipart/mixed; boundary=b_1\r\n\r\n--b_1\r\n${http(201, '{"d":2}')}--b_1--\r\n`
  const text = `--b\r\n${http(200, '{"d":1}')}--b\r\n${set}--b\r\n${http(404, '{"error":3}')}--b--\r\n`
  const answers = batchAnswers(text, 'multipart/mixed; boundary=b')
  assert.deepEqual(
    answers.map(answer => [answer.status, answer.text]),
    [
      [200, '{"d":1}'],
      [201, '{"d":2}'],
      [404, '{"error":3}'],
    ],
  )
})

test('a batch that is cut short, or is none, is no answer', () => {
  const cut = `--b\r\n${http(200, '{"d":1}')}`
  assert.throws(() => batchAnswers(cut, 'multipart/mixed; boundary=b'), RangeError)
  assert.throws(() => batchAnswers('{}', 'application/json'), RangeError)
})

test('each POST of a batch has a change set of its own', () => {
  const body = batchBody(
    [1, 2].map(n => ({ method: 'POST', path: 'A', body: { n } })),
    'b',
  )
  assert.equal(body.match(/multipart\/mixed; boundary=/g)?.length, 2)
})

test('split filters ask for every value once, and none is longer than it may be', () => {
  const values = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 40 }), { maxLength: 60 })
  fc.assert(
    fc.property(values, fc.integer({ min: 700, max: 6000 }), (skus, max) => {
      const sound = skus.filter(sku => sku.isWellFormed())
      const filters = filtersOf('M', sound, " and P eq '1710'", max)
      for (const filter of filters) assert.ok(encodeURIComponent(filter).length <= max)
      const terms = filters.flatMap(each => each.match(/M eq '(?:[^']|'')*'/g) ?? [])
      assert.deepEqual(
        terms,
        sound.map(sku => `M eq '${sku.replaceAll("'", "''")}'`),
      )
    }),
  )
})

test('decimals lose the zeros of their scale and nothing else', () => {
  for (const [sap, exact] of [
    ['2.80000000000000', '2.8'],
    ['-3.000', '-3'],
    ['0.1', '0.1'],
  ]) {
    assert.equal(decimalText(decimalOf(sap ?? '')), exact)
  }
})
