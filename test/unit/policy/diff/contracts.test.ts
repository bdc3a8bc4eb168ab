import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readContractIndex } from '../../../../src/policy/contract-index.ts'
import { RANKS } from '../../../../src/policy/diff/change.ts'
import { diffContracts } from '../../../../src/policy/diff/contracts.ts'
import type { LifecyclePolicy, PolicySet } from '../../../../src/policy/policy-set.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { baseContract, type Contract, SEEDED } from './seeded-contracts.ts'

const NOW = Date.parse('2026-11-23T12:00:00Z')

const noPolicies = { apis: new Map(), consumers: new Map() } as unknown as PolicySet
const inState = (lifecycle: Partial<LifecyclePolicy>) =>
  ({
    consumers: new Map(),
    apis: new Map([
      ['shop', { versions: new Map([['v1', { lifecycle, operations: new Map() }]]) }],
    ]),
  }) as unknown as PolicySet

async function changesFrom(t: TestContext, edit: (contract: Contract) => void, set = noPolicies) {
  const folder = await temporaryFolder(t)
  const sideOf = async (name: string, contract: Contract) => {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'shop.v1.yaml'), JSON.stringify(contract))
    return { set, contracts: await readContractIndex(join(folder, name)) }
  }
  const edited = baseContract()
  edit(edited)
  const [before, after] = [await sideOf('old', baseContract()), await sideOf('new', edited)]
  return [...diffContracts(before, after, NOW)].sort(
    (a, b) => RANKS.indexOf(a.rank) - RANKS.indexOf(b.rank),
  )
}

for (const [name, edit, rank, rule] of SEEDED) {
  test(`${name} is ${rule === 'none' ? 'no change' : rank}`, async t => {
    const [worst] = await changesFrom(t, edit)
    assert.deepEqual(worst && [worst.rank, worst.rule], rule === 'none' ? undefined : [rank, rule])
  })
}

test('nobody was promised a draft: whatever changes in it is safe', async t => {
  for (const [, edit] of SEEDED) {
    const ranks = (await changesFrom(t, edit, inState({ state: 'draft' }))).map(c => c.rank)
    assert.ok(ranks.every(rank => rank === 'safe'))
  }
})

test('what was past its sunset may go', async t => {
  const removal = (contract: Contract) => {
    contract.paths = {}
  }
  const over = await changesFrom(t, removal, inState({ state: 'deprecated', sunsetAt: NOW }))
  assert.deepEqual([...new Set(over.map(({ rank }) => rank))], ['safe'])
  const living = await changesFrom(t, removal, inState({ state: 'deprecated', sunsetAt: NOW + 1 }))
  assert.deepEqual([...new Set(living.map(({ rank }) => rank))], ['breaking'])
})
