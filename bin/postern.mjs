#!/usr/bin/env node
// Runs the command line on Node 24, whatever Node the machine has: the sources are TypeScript, whose
// types only a newer Node strips. The package `node` brings one.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

function node24() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  try {
    const manifest = createRequire(import.meta.url).resolve('node/package.json', { paths: [root] })
    return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  } catch {
    console.error('postern needs Node 24; run "npm ci" in its folder to get it')
    process.exit(2)
  }
}

const { status, signal } = spawnSync(
  node24(),
  [join(root, 'src', 'cli.ts'), ...process.argv.slice(2)],
  { stdio: 'inherit' },
)
process.exit(signal ? 1 : (status ?? 1))
