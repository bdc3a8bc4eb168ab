import pg from 'pg'
import { silentLogger } from '../../src/kernel/logger.ts'
import { openJobs } from '../../src/store/jobs.ts'
import { openDatabase } from '../../src/store/open.ts'
import { startPostgres } from '../../test/support/postgres.ts'
import { onAllCores } from '../processes.ts'

/**
 * A PostgreSQL on the disk under the temporary folder, durable as it is by itself: `fsync`, `synchronous_commit`
 * and `full_page_writes` are on, and said to be, so that no configuration of the machine's takes them away.
 */
export async function startDurablePostgres() {
  const server = await onAllCores(() =>
    startPostgres(['fsync=on', 'synchronous_commit=on', 'full_page_writes=on']),
  )
  const urlOf = (name: string) => server.url.replace('/postgres?', `/${name}?`)
  const connect = async (name: string): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: urlOf(name) })
    await client.connect()
    return client
  }
  return {
    urlOf,
    connect,
    /** An empty database for a gateway to fill. */
    async create(name: string): Promise<void> {
      const client = await connect('postgres')
      await client.query(`create database ${name}`)
      await client.end()
    },
    /** One with the gateway's tables and nobody who works on them. */
    async createWithTables(name: string): Promise<void> {
      await this.create(name)
      const settings = { databaseUrl: urlOf(name), dataDir: '', logger: silentLogger }
      const db = await openDatabase(settings)
      const jobs = await openJobs(db, silentLogger)
      await jobs.close()
      await db.close()
    },
    stop: server.stop,
  }
}

export type DurablePostgres = Awaited<ReturnType<typeof startDurablePostgres>>
