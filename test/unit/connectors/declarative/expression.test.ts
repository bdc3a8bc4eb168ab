import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type CompileContext,
  compileExpression,
  MappingError,
} from '../../../../src/connectors/declarative/expression.ts'

const tables = { plants: { 'DC-EAST': '1000', 'STORE-12': '1002' } }

function compile(raw: unknown, direction: CompileContext['direction'] = 'decode') {
  const context: CompileContext = { direction, timeZone: 'UTC', tables, complaints: [] }
  const expression = compileExpression(raw, ['row', 'x'], context)
  const run = (item: unknown, input: unknown = {}) => expression({ item, root: item, input })
  return {
    run,
    complaints: context.complaints.map(({ path, message }) => `${path.join('.')}: ${message}`),
  }
}

test('a request is built from the keys, through codecs and tables', () => {
  const { run } = compile(
    {
      ITEMS: {
        each: 'keys[*]',
        do: {
          MATNR: { from: 'sku', as: { alpha: 8 } },
          WERKS: { from: 'location', table: 'plants' },
        },
      },
      MODE: { const: { from: 'here' } },
    },
    'encode',
  )
  assert.deepEqual(run({ keys: [{ sku: '42', location: 'DC-EAST' }] }), {
    ITEMS: [{ MATNR: '00000042', WERKS: '1000' }],
    MODE: { from: 'here' },
  })
})

test('a row is read where it stands, and from what it stands in', () => {
  const answer = {
    head: { currency: 'EUR' },
    items: [{ id: 'A', scales: [{ from: 1 }, { from: 10 }] }],
  }
  const { run } = compile({
    each: '$.items[*].scales[*]',
    do: { sku: { from: '^.id' }, least: { from: 'from' }, currency: { from: '$.head.currency' } },
  })
  assert.deepEqual(run(answer), [
    { sku: 'A', least: 1, currency: 'EUR' },
    { sku: 'A', least: 10, currency: 'EUR' },
  ])
})

test('what an answer lacks is an error that names the place; what may be missing is left out', () => {
  assert.throws(() => compile({ from: 'qty' }).run({}), new MappingError('row.x: there is no qty'))
  assert.equal(compile({ from: 'qty', optional: true }).run({}), undefined)
  assert.equal(compile({ from: 'qty', default: '0' }).run({ qty: null }), '0')
  assert.equal(
    compile({ from: 'end', absent: ['99991231'], optional: true }).run({ end: '99991231' }),
    undefined,
  )
})

test('a value that breaks its codec is named by place and not quoted', () => {
  assert.throws(
    () => compile({ from: 'qty', as: 'decimal' }).run({ qty: 'secret' }),
    (error: Error) => {
      assert.match(error.message, /row\.x: qty is not a decimal number/)
      assert.ok(!error.message.includes('secret'))
      return true
    },
  )
})

test('every mistake in a mapping is told, with its place and what was meant', () => {
  const { complaints } = compile({
    a: { from: 'x', as: 'decimalKomma' },
    b: { from: 'x', tabel: 'plants' },
    c: { from: 'x', table: 'plant' },
    d: { from: 'a..b' },
    e: { each: 'items', where: { path: 'x', is: 1 }, do: { from: 'y' } },
    f: { template: '{a[*]}' },
    g: { from: 'x', as: { alpha: 0 } },
  })
  const told = complaints.join('\n')
  for (const part of [
    'row.x.a.as: unknown codec "decimalKomma", did you mean "decimalComma"?',
    'row.x.b.tabel: unknown key, did you mean "table"?',
    'row.x.c.table: unknown table "plant", did you mean "plants"?',
    'row.x.d.from: "a..b" is not a path: look at column',
    'row.x.e.where.is: unknown key',
    'row.x.f.template: "a[*]": [*] gives many values',
    'row.x.g.as: codec "alpha" needs a length',
  ]) {
    assert.ok(told.includes(part), `${part}\n in\n${told}`)
  }
})

test('one or the other, by what the item says', () => {
  const { run } = compile({
    when: { path: 'type', in: ['G', 7] },
    // biome-ignore lint/suspicious/noThenProperty: the vocabulary's own word, in a value that is never awaited
    then: 'gross',
    else: { template: 'net {type}' },
  })
  assert.equal(run({ type: 'G' }), 'gross')
  assert.equal(run({ type: '7' }), 'gross')
  assert.equal(run({ type: 'N' }), 'net N')
})

test('names that objects inherit are not values', () => {
  assert.throws(() => compile({ from: 'constructor' }).run({}), MappingError)
  assert.equal(compile({ from: 'toString', optional: true }).run({}), undefined)
})

test('a code that no table knows is never taken for nothing in an answer', () => {
  const group = { from: 'group', table: 'plants', optional: true }
  assert.throws(() => compile(group).run({ group: '9999' }), /is not in the table "plants"/)
  assert.equal(compile(group, 'encode').run({ group: 'NOWHERE' }), undefined)
  assert.equal(compile(group).run({}), undefined)
})
