import pg from 'pg'
import type { Logger } from '../kernel/logger.ts'
import type { Database, Queries } from './database.ts'

const INT8 = 20

/** As the embedded engine does it: a number, unless it is too large to be exact. */
const parseInt8 = (text: string): number | bigint => {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === INT8 && format !== 'binary' ? parseInt8 : pg.types.getTypeParser(oid, format),
}

/** @param url `postgresql://user:password@host:5432/postern` */
export function openPostgres(url: string, logger: Logger): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5000,
    application_name: 'postern',
    types,
  })
  // An idle connection was cut (a restart of the database); the pool opens another when it is needed.
  pool.on('error', error => logger.warn({ error }, 'a database connection was lost'))
  return {
    engine: 'postgresql',
    ...queriesOn(pool),
    async transaction(work) {
      const client = await pool.connect()
      let broken: Error | undefined
      // Without a listener a connection cut between two statements would end the process.
      const onError = (error: Error) => {
        broken = error
      }
      client.on('error', onError)
      try {
        await client.query('begin')
        const result = await work(queriesOn(client))
        await client.query('commit')
        return result
      } catch (error) {
        await client.query('rollback').catch(reason => {
          broken = reason
        })
        throw error
      } finally {
        client.off('error', onError)
        client.release(broken)
      }
    },
    close: () => pool.end(),
  }
}

const queriesOn = (target: pg.Pool | pg.PoolClient): Queries => ({
  async query<Row extends object>(sql: string, params: readonly unknown[] = []) {
    const { rows } = await target.query<Row & pg.QueryResultRow>(sql, [...params])
    return rows
  },
  async script(sql) {
    const results = await target.query(sql)
    return [results].flat().flatMap(({ rows }) => rows)
  },
})
