import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const GENERATOR = resolve('scripts/generate.ts')

// A contract edited without regenerating would leave handlers compiled against yesterday's types.
test('a derived file that is out of date is named, and nothing is written by the check', t => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-generate-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const run = (...options: string[]) =>
    spawnSync(process.execPath, [GENERATOR, ...options], { cwd: folder, encoding: 'utf8' })
  cpSync('openapi', join(folder, 'openapi'), { recursive: true })
  cpSync('docs/connectors.md', join(folder, 'docs/connectors.md'))

  assert.equal(run().status, 0)
  const clean = run('--check')
  assert.equal(clean.status, 0, clean.stderr)

  appendFileSync(join(folder, 'src/model/generated/pricing-v1.ts'), '// by hand\n')
  for (let i = 0; i < 2; i++) {
    const { status, stderr } = run('--check')
    assert.equal(status, 1)
    assert.match(stderr, /src\/model\/generated\/pricing-v1\.ts/)
    assert.doesNotMatch(stderr, /inventory/)
  }
})
