import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTokenMemory } from '../../../../src/gateway/identity/token-memory.ts'

test('what is asked for again stays, the rest goes with its generation', () => {
  const memory = createTokenMemory<number>(2)
  memory.set('a', 1)
  memory.set('b', 2)
  memory.set('c', 3)
  assert.equal(memory.get('a'), 1, 'the old generation still answers')
  memory.set('d', 4)
  memory.set('e', 5)
  assert.equal(memory.get('b'), undefined)
  assert.equal(memory.get('a'), 1)
})

// Tokens are the caller's to choose: nobody may fill the process's memory with them.
test('it holds no more than two generations, by number and by length', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, maxLength: 200 })), texts => {
      const memory = createTokenMemory<string>(10, 500)
      for (const text of texts) {
        memory.set(text, text)
        assert.equal(memory.get(text), text)
        assert.ok(memory.size <= 20)
      }
      const held = texts.filter(text => memory.get(text) !== undefined)
      const length = [...new Set(held)].reduce((sum, text) => sum + text.length, 0)
      assert.ok(length <= 2 * (500 + 200), `${length} characters`)
    }),
  )
})

test('the longest tokens are not remembered by the thousand', () => {
  const memory = createTokenMemory<number>(1_000)
  for (let i = 0; i < 1_000; i++) memory.set(`${i}`.padEnd(8_192, 'x'), i)
  assert.ok(memory.size <= 2 * (1_000 / 8 + 1), `${memory.size}`)
})
