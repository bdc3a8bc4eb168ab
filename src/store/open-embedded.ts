import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Results, Transaction } from '@electric-sql/pglite'
import type { Database, Queries } from './database.ts'
import { lockFolder } from './folder-lock.ts'

/**
 * Opens the embedded database in `<dataDir>/db`, making it on the first start (some 4 s; 0.3 s later).
 *
 * What a commit has acknowledged is in the operating system's hands, so a killed process loses none of
 * it: the engine replays its log on the next start.
 *
 * @throws FolderInUseError when another process has it open: two would destroy it
 */
export async function openEmbedded(dataDir: string): Promise<Database> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const unlock = await lockFolder(dataDir, 'db.lock')
  try {
    // Loaded here and not above: an installation on PostgreSQL never pays for it.
    const { PGlite } = await import('@electric-sql/pglite')
    const folder = join(dataDir, 'db')
    if (!existsSync(folder)) {
      // Made aside and then renamed: a process killed meanwhile leaves nothing half made behind.
      const draft = join(dataDir, 'db.new')
      await rm(draft, { recursive: true, force: true })
      await (await PGlite.create(draft)).close()
      await rename(draft, folder)
    }
    const db = await PGlite.create(folder)
    return {
      engine: 'embedded',
      ...queriesOn(db),
      // The one connection must not stay in a transaction that a script of ours has begun and not ended.
      script: sql =>
        queriesOn(db)
          .script(sql)
          .catch(async error => {
            await db.exec('rollback').catch(() => {})
            throw error
          }),
      transaction: work => db.transaction(tx => work(queriesOn(tx))),
      async close() {
        await db.close()
        await unlock()
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}

/** What a database and a transaction of it have in common. */
type Engine = {
  query<Row>(sql: string, params?: unknown[]): Promise<Results<Row>>
  exec: Transaction['exec']
}

const queriesOn = (engine: Engine): Queries => ({
  async query<Row extends object>(sql: string, params: readonly unknown[] = []) {
    return (await engine.query<Row>(sql, [...params])).rows
  },
  async script(sql) {
    const results = await engine.exec(sql)
    return results.flatMap(({ rows }) => rows as object[])
  },
})
