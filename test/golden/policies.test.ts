import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stringify } from 'yaml'
import { fullPlace, type Place } from '../../src/kernel/place.ts'
import { findingText } from '../../src/policy/finding.ts'
import { loadPolicies } from '../../src/policy/load.ts'
import { SHOP, shopDeps } from '../support/policy-folder.ts'
import { assertGolden } from './golden.ts'

// Every default, inherited value and place at once: what an edit of the loader changes shows here.
test('the shop policies compile to the set that is written down', async () => {
  const result = await loadPolicies(`${SHOP}/policies`, shopDeps())
  assert.ok(result.ok, result.findings.map(findingText).join('\n'))
  assertGolden('test/golden/shop.effective.yaml', stringify(plain(result.set), { lineWidth: 0 }))
})

test('a folder full of mistakes gets all its findings at once, each with its place', async () => {
  const { ok, findings } = await loadPolicies('test/golden/broken/policies', shopDeps())
  assert.equal(ok, false)
  assertGolden('test/golden/broken.findings.txt', `${findings.map(findingText).join('\n')}\n`)
})

/** Maps become objects, sets lists, places `file:line:column`; a quota window is told by its name. */
function plain(value: unknown): unknown {
  if (value instanceof Set) return [...value]
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [k, plain(v)]))
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  if ('file' in value && 'line' in value) return fullPlace(value as Place)
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) =>
      typeof member === 'function' || member === undefined ? [] : [[key, plain(member)]],
    ),
  )
}
