import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createFairLine } from '../../../../src/connectors/gate/fair-line.ts'

const anyone = () => true

test('while all classes wait, each is served by its weight', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 300 }),
      (weights, served) => {
        const classes = weights.map((weight, i) => ({ name: `c${i}`, weight, floor: 0 }))
        const line = createFairLine<number>(classes)
        for (let n = 0; n < served; n++) for (const { name } of classes) line.add(name, n)
        const counts = new Map<string, number>()
        for (let n = 0; n < served; n++) {
          const next = line.next(anyone)
          assert.ok(next)
          counts.set(next.workClass, (counts.get(next.workClass) ?? 0) + 1)
        }
        const sum = weights.reduce((a, b) => a + b, 0)
        for (const { name, weight } of classes) {
          const due = (served * weight) / sum
          // Off by one turn of its own, and by one of each other class.
          assert.ok(Math.abs((counts.get(name) ?? 0) - due) <= classes.length + 1)
        }
      },
    ),
  )
})

test('within a class the order is kept; who left is not served', () => {
  const line = createFairLine<string>([{ name: 'browse', weight: 1, floor: 0 }])
  for (const waiter of ['a', 'b', 'c']) line.add('browse', waiter)
  line.remove('browse', 'b')
  assert.equal(line.size, 2)
  assert.equal(line.next(anyone)?.waiter, 'a')
  assert.equal(line.next(anyone)?.waiter, 'c')
  assert.equal(line.next(anyone), undefined)
})

test('a class that was idle has saved nothing up', () => {
  const line = createFairLine<number>([
    { name: 'till', weight: 1, floor: 0 },
    { name: 'batch', weight: 1, floor: 0 },
  ])
  for (let n = 0; n < 100; n++) line.add('batch', n)
  for (let n = 0; n < 50; n++) line.next(anyone)
  for (let n = 0; n < 100; n++) line.add('till', n)
  const served = Array.from({ length: 20 }, () => line.next(anyone)?.workClass)
  const tills = served.filter(name => name === 'till').length
  assert.ok(tills >= 10 && tills <= 11, `${tills} of 20`)
})

test('a class that may not go is passed over, and keeps its turn', () => {
  const line = createFairLine<string>([
    { name: 'till', weight: 8, floor: 0 },
    { name: 'batch', weight: 1, floor: 0 },
  ])
  line.add('till', 'till')
  line.add('batch', 'batch')
  assert.equal(line.next(name => name !== 'till')?.waiter, 'batch')
  assert.equal(line.next(anyone)?.waiter, 'till')
})
