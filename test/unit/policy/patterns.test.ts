import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadPolicies } from '../../../src/policy/load.ts'
import { policyFolder, shopDeps } from '../../support/policy-folder.ts'

const contractsWith = (pattern: string) =>
  shopDeps().contracts.map(contract => ({
    ...contract,
    operations: new Map(
      [...contract.operations].map(([id, operation]) => [
        id,
        {
          ...operation,
          definition: {
            parameters: [{ name: 'q', in: 'query', schema: { type: 'string', pattern } }],
          },
        },
      ]),
    ),
  }))

for (const [pattern, safe] of [
  ['^(a+)+$', false],
  ['(x+x+)+y', false],
  ['^.+@.+[.].+$', false],
  ['^[A-Z0-9-]{1,32}$', true],
  ['^(0|[1-9][0-9]{0,14})(\\.[0-9]{1,6})?$', true],
] as const) {
  // One caller with forty letters would stop every other caller.
  test(`${pattern} is ${safe ? 'taken' : 'refused, as it backtracks'}, within a second`, async t => {
    const startedAt = performance.now()
    const { findings } = await loadPolicies(
      await policyFolder(t),
      shopDeps({ contracts: contractsWith(pattern) }),
    )
    assert.ok(performance.now() - startedAt < 1000)
    assert.equal(
      findings.some(({ rule }) => rule === 'regex-backtracks'),
      !safe,
    )
  })
}
