import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type AuditRecord, ChainVerifier, chained } from '../../../src/model/audit.ts'

const entry = fc.record({
  action: fc.string(),
  who: fc.string(),
  subject: fc.string(),
  from: fc.option(fc.string(), { nil: undefined }),
  to: fc.option(fc.string(), { nil: undefined }),
  detail: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer())),
})

const chain = fc.array(entry, { minLength: 2, maxLength: 10 }).map(entries => {
  const records: AuditRecord[] = []
  for (const [i, each] of entries.entries()) records.push(chained(each, i, records.at(-1)))
  return records
})

function verify(records: readonly AuditRecord[], known?: { seq: number; hash: string }) {
  const verifier = new ChainVerifier()
  for (const record of records) verifier.add(record)
  return verifier.result(known)
}

test('a chain as it was written is whole, read back from JSON too', () => {
  fc.assert(
    fc.property(chain, records => {
      assert.deepEqual(verify(JSON.parse(JSON.stringify(records))).faults, [])
    }),
  )
})

// An operator who covers a deed must be found out by whoever reads the chain.
test('any record changed, left out, moved or added is found', () => {
  fc.assert(
    fc.property(
      chain,
      fc.nat(),
      fc.constantFrom('edit', 'drop', 'swap', 'double', 'rehash'),
      (records, n, how) => {
        const at = n % (records.length - 1)
        const tampered = records.map(record => ({ ...record }))
        const [one, next] = [tampered[at], tampered[at + 1]]
        assert.ok(one && next)
        if (how === 'edit') one.who = `${one.who}!`
        if (how === 'drop') tampered.splice(at, 1)
        if (how === 'swap') tampered.splice(at, 2, next, one)
        if (how === 'double') tampered.splice(at, 0, one)
        // Even with a digest that fits the edited record, the next one gives it away.
        if (how === 'rehash') {
          tampered[at] = chained({ ...one, who: `${one.who}!` }, one.at, tampered[at - 1])
        }
        assert.notDeepEqual(verify(tampered).faults, [])
      },
    ),
  )
})

test('what was cut off at the end shows by a head that was noted down', () => {
  fc.assert(
    fc.property(chain, records => {
      const head = records.at(-1)
      assert.ok(head)
      assert.deepEqual(verify(records, head).faults, [])
      assert.equal(verify(records.slice(0, -1), head).faults.length, 1)
    }),
  )
})
