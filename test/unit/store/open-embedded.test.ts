import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { silentLogger } from '../../../src/kernel/logger.ts'
import { FolderInUseError, lockFolder } from '../../../src/store/folder-lock.ts'
import { openDatabase } from '../../../src/store/open.ts'
import { outputSays } from '../../support/redis.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const source = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)

/** Opens the database in a process of its own, which writes and then waits to be killed. */
async function otherProcess(dataDir: string): Promise<ChildProcess> {
  const script = `
    import { openDatabase } from ${source('../../../src/store/open.ts')}
    import { silentLogger } from ${source('../../../src/kernel/logger.ts')}
    const dataDir = ${JSON.stringify(dataDir)}
    const db = await openDatabase({ dataDir, logger: silentLogger })
    await db.query("insert into quota_usage values ('acme', 'day', 1, 2, 42)")
    console.log('written')
    setInterval(() => {}, 1000)
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  await outputSays(child, 'written')
  return child
}

// Two processes on one folder would write over each other's pages.
it('a data folder in use is refused, and opens with everything in it once its process was killed', async t => {
  const dataDir = await temporaryFolder(t)
  const child = await otherProcess(dataDir)
  const second = openDatabase({ dataDir, logger: silentLogger })
  await assert.rejects(second, (error: Error) => {
    assert.ok(error instanceof FolderInUseError)
    assert.match(error.message, new RegExp(`in use by process ${child.pid} `))
    return true
  })
  child.kill('SIGKILL')
  await once(child, 'exit')
  const db = await openDatabase({ dataDir, logger: silentLogger })
  assert.equal((await db.query('select * from quota_usage')).length, 1)
  await db.close()
  assert.deepEqual(await readdir(dataDir), ['db'])
})

it('a first start that was killed half way leaves nothing that hinders the next', async t => {
  const dataDir = await temporaryFolder(t)
  await mkdir(join(dataDir, 'db.new'))
  await writeFile(join(dataDir, 'db.new', 'PG_VERSION'), '')
  const db = await openDatabase({ dataDir, logger: silentLogger })
  assert.equal((await db.query('select 1 as "one"')).length, 1)
  await db.close()
})

it('a lock left by a process whose pid another one has now is taken over', async t => {
  const folder = await temporaryFolder(t)
  const { hostname } = await import('node:os')
  const gone = { pid: process.pid, host: hostname(), born: 'long ago' }
  await writeFile(join(folder, 'db.lock'), JSON.stringify(gone))
  const unlock = await lockFolder(folder, 'db.lock')
  await assert.rejects(lockFolder(folder, 'db.lock'), FolderInUseError)
  await unlock()
  await (await lockFolder(folder, 'db.lock'))()
})

it('a lock from another machine is respected: its process cannot be asked', async t => {
  const folder = await temporaryFolder(t)
  const other = { pid: 1, host: 'another-machine', born: '1' }
  await writeFile(join(folder, 'db.lock'), JSON.stringify(other))
  await assert.rejects(lockFolder(folder, 'db.lock'), /process 1 on another-machine.*delete/)
})
