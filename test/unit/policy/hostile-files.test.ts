import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { findingText } from '../../../src/policy/finding.ts'
import { loadPolicies } from '../../../src/policy/load.ts'
import { policyFolder, shopDeps } from '../../support/policy-folder.ts'

const MIB = 1024 * 1024
const lines = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n')
const nines = (item: string) => `[${Array(9).fill(item).join(', ')}]`

// A policy folder may be mounted from anywhere: whatever lies in it, start and reload answer at once.
const HOSTILE: Readonly<Record<string, { content: string | Buffer; finds: RegExp }>> = {
  'aliases that multiply': {
    content: `a: &a ${nines('x')}\n${lines(9, i => `b${i}: &b${i} ${nines(i ? `*b${i - 1}` : '*a')}`)}`,
    finds: /plans\.yaml:1:1 error yaml-aliases: aliases multiply beyond 1000: write it out/,
  },
  'an alias within itself': {
    content: 'plans: &p { gold: *p }',
    finds: /plans\.yaml:1:19 error yaml-aliases: \*p stands within what it refers to/,
  },
  'ninety thousand keys': {
    content: lines(90_000, i => `k${i}: 1`),
    finds: /error yaml-syntax: the file is too long: split it/,
  },
  'as many keys as are taken': {
    content: lines(40_000, i => `k${i}: 1`),
    finds: /plans\.yaml:1:1 error unknown-key: k0: unknown key; known are plans/,
  },
  'the same key again and again': {
    content: lines(40_000, () => 'plans: 1'),
    finds: /plans\.yaml:2:1 error duplicate-key: "plans" stands twice: keep one of them/,
  },
  'half a million brackets': {
    content: '['.repeat(MIB / 2),
    finds: /plans\.yaml:1:201 error yaml-syntax: nested deeper than 200 levels/,
  },
  'deep indentation': {
    content: lines(1300, i => `${' '.repeat(i)}a:`),
    finds: /error yaml-syntax: nested deeper than 200 levels/,
  },
  'a wall of quotes': { content: '"'.repeat(MIB), finds: /error yaml-syntax: / },
  'a wall of commas': { content: `[${','.repeat(MIB - 3)}]`, finds: /error yaml-syntax: / },
  'a wall of anchors': { content: '&a '.repeat(MIB / 4), finds: /error yaml-syntax: / },
  'broken escapes': { content: 'a: "\\x\n'.repeat(30_000), finds: /error yaml-syntax: / },
  'tabs for indentation': {
    content: 'plans:\n\tgold: 1\n',
    finds: /plans\.yaml:2:1 error yaml-syntax: Tabs are not allowed as indentation/,
  },
  'two documents': {
    content: 'plans: {}\n---\nplans: {}\n',
    finds: /plans\.yaml:2:1 error yaml-syntax: only one document may stand in a file/,
  },
  'a merge key, which YAML 1.2 does not know': {
    content: 'plans:\n  gold: &g { rate: none }\n  silver: { <<: *g }\n',
    finds: /plans\.yaml:3:13 error unknown-key: plans\.silver\.<<: unknown key/,
  },
  'a key that is a list': {
    content: 'plans: { [a, b]: 1 }',
    finds: /plans\.yaml:1:10 error yaml-syntax: a key must be a plain name/,
  },
  'a key with the name of a prototype': {
    content: '__proto__: { plans: {} }',
    finds: /plans\.yaml:1:1 error unknown-key: __proto__: unknown key/,
  },
  'a picture': {
    content: Buffer.from('89504e470d0a1a0a0000000d49484452ff', 'hex'),
    finds: /plans\.yaml:1:1 error yaml-syntax: the file is not text in UTF-8/,
  },
  'another encoding': {
    content: Buffer.from('plans: {}', 'utf16le'),
    finds: /plans\.yaml:1:1 error yaml-syntax: the file is not text in UTF-8/,
  },
  nothing: {
    content: '',
    finds: /plans\.yaml:1:1 error wrong-type: must be a set of keys and values, not empty/,
  },
  'what a terminal would obey': {
    content: 'plans: {}\n"\\e[2Jall is fine\\nreally": 1\n',
    finds: /error unknown-key: {2}?\[2Jall is fine really: unknown key/,
  },
}

for (const [what, { content, finds }] of Object.entries(HOSTILE)) {
  test(`${what}: told, and does not stall`, async t => {
    const directory = await policyFolder(t, { 'plans.yaml': content })
    const before = performance.now()
    const { ok, findings } = await loadPolicies(directory, shopDeps())
    const elapsedMs = performance.now() - before
    assert.equal(ok, false)
    assert.match(findings.map(findingText).join('\n'), finds)
    assert.ok(findings.length <= 500, `${findings.length} findings`)
    // Without the bounds these take minutes or all memory; the time of a shared machine proves no more.
    assert.ok(elapsedMs < 10_000, `${elapsedMs} ms`)
  })
}

test('a byte order mark and Windows line ends are no mistakes', async t => {
  const directory = await policyFolder(t, {
    'plans.yaml': text => `\uFEFF${text.replaceAll('\n', '\r\n')}`,
  })
  const { ok, findings } = await loadPolicies(directory, shopDeps())
  assert.deepEqual(findings.map(findingText), [])
  assert.equal(ok, true)
})

test('a file of 50 MB is not read', async t => {
  const directory = await policyFolder(t)
  truncateSync(join(directory, 'plans.yaml'), 50 * MIB)
  const before = performance.now()
  const { findings } = await loadPolicies(directory, shopDeps())
  assert.ok(performance.now() - before < 1000)
  assert.deepEqual(findings.map(findingText), [
    'policies/plans.yaml:1:1 error unreadable-file: has 52428800 bytes; at most 1048576 are read: split it',
  ])
})

test('a pipe, a dangling link and a folder in the place of a file are told, not waited for', async t => {
  const directory = await policyFolder(t)
  execFileSync('mkfifo', [join(directory, 'apis/pipe.yaml')])
  symlinkSync('/nowhere/at/all.yaml', join(directory, 'consumers/gone.yaml'))
  mkdirSync(join(directory, 'erps/folder.yaml'))
  const { findings } = await loadPolicies(directory, shopDeps())
  assert.deepEqual(findings.map(findingText), [
    'policies/apis/pipe.yaml:1:1 error unreadable-file: is not a file',
    'policies/consumers/gone.yaml:1:1 error unreadable-file: cannot be read: ENOENT',
    'policies/erps/folder.yaml:1:1 error unreadable-file: is not a file',
  ])
})

// Mounted configuration (Kubernetes) is links into a hidden folder.
test('links are followed, hidden files and backups are not looked at, strays are pointed out', async t => {
  const directory = await policyFolder(t, {
    '..data/consumer.yaml': '',
    '.plans.yaml.swp': 'x',
    'plans.yaml~': 'x',
    'README.md': 'x',
  })
  const elsewhere = await policyFolder(t)
  symlinkSync(join(elsewhere, 'consumers/web.yaml'), join(directory, 'consumers/linked.yml'))
  const { findings } = await loadPolicies(directory, shopDeps())
  assert.deepEqual(
    findings.map(({ place, rule }) => `${place.file} ${rule}`),
    ['policies/README.md stray-file', 'policies/consumers/web.yaml duplicate-name'],
  )
})

test('a folder that is not there is told', async () => {
  const { ok, findings } = await loadPolicies('/nowhere/policies', shopDeps())
  assert.equal(ok, false)
  assert.match(findings.map(findingText)[0] ?? '', /no-policies: there is no readable folder/)
})
