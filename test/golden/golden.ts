import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/**
 * Compares a text with the one that is kept in `path`. `UPDATE_GOLDEN=1` keeps the new one: read the
 * difference before committing it.
 */
export function assertGolden(path: string, text: string): void {
  if (process.env.UPDATE_GOLDEN === '1') {
    writeFileSync(path, text)
    return
  }
  assert.ok(existsSync(path), `there is no ${path}; make it with UPDATE_GOLDEN=1`)
  assert.equal(text, readFileSync(path, 'utf8'), `${path} differs; see UPDATE_GOLDEN in golden.ts`)
}
