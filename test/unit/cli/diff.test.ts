import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const postern = (args: readonly string[], cwd: string) =>
  spawnSync(process.execPath, [resolve('bin/postern.mjs'), ...args], {
    cwd,
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
  })

/** A repository with our policies and contracts in one commit, and an edit of both that is not committed. */
async function editedRepository(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t)
  for (const part of ['policies', 'openapi']) cpSync(part, join(folder, part), { recursive: true })
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd: folder,
    })
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '-m', 'first')
  const edit = (name: string, from: string, to: string) => {
    const text = readFileSync(join(folder, name), 'utf8')
    assert.ok(text.includes(from))
    writeFileSync(join(folder, name), text.replace(from, to))
  }
  edit('policies/plans.yaml', 'perSecond: 20,', 'perSecond: 10,')
  edit('openapi/common/parameters.yaml', 'maxItems: 50', 'maxItems: 40')
  return folder
}

test('a git revision is compared with the working folder, policies and contracts together', async t => {
  const folder = await editedRepository(t)
  const { status, stdout } = postern(['diff', 'HEAD', '.'], folder)
  assert.equal(status, 0)
  assert.match(
    stdout,
    /^breaking {2}inventory v2 getAvailability: query sku: maxItems was 50, is now 40$/m,
  )
  assert.match(stdout, /^risky {5}plan partner: rate\.perSecond was 20, is now 10$/m)
  assert.match(stdout, /limit-lowered, policies\/plans\.yaml:\d+; concerns partner-acme$/m)
})

test('--fail-on stops a merge, and --json tells machines why', async t => {
  const folder = await editedRepository(t)
  const { status, stdout } = postern(
    ['diff', 'HEAD', '.', '--fail-on', 'breaking', '--json'],
    folder,
  )
  assert.equal(status, 1)
  const { changes } = JSON.parse(stdout)
  assert.equal(changes[0].rank, 'breaking')
  assert.equal(postern(['diff', '.', '.', '--fail-on', 'risky'], folder).status, 0)
})

test('what cannot be compared is said', async t => {
  const folder = await editedRepository(t)
  for (const [args, words] of [
    [['diff', 'HEAD'], /give two/],
    [['diff', 'no-such', '.'], /"no-such" is neither a folder nor a git revision/],
    [['diff', '--output=x', '.'], /Unknown option/],
    [['diff', 'HEAD', '.', '--fail-on', 'safe'], /--fail-on takes/],
  ] as const) {
    const { status, stderr } = postern(args, folder)
    assert.equal(status, 2)
    assert.match(stderr, words)
  }
  writeFileSync(join(folder, 'policies/plans.yaml'), 'plans: 3')
  const broken = postern(['diff', 'HEAD', '.'], folder)
  assert.equal(broken.status, 1)
  assert.match(broken.stderr, /^policies\/plans\.yaml:1:8 error/m)
})
