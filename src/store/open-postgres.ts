import pg from 'pg'
import type { Logger } from '../kernel/logger.ts'
import { Problem } from '../kernel/problems.ts'
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

/** About what a restart takes. */
const RETRY_AFTER_SECONDS = 2

/**
 * Opens a PostgreSQL. While it is away everything fails with Problem `storage-unreachable`, and goes on by
 * itself when it is back.
 *
 * @param url `postgresql://user:password@host:5432/postern`
 */
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
  // One that is cut when the pool has just given it to somebody has no other listener yet: without this one the
  // process would end. Whoever has it learns of it by its next statement.
  pool.on('connect', client => client.on('error', () => {}))
  return {
    engine: 'postgresql',
    ...queriesOn(pool),
    async transaction(work) {
      const client = await reached(pool.connect())
      const queries = queriesOn(client)
      let broken: Error | undefined
      try {
        await queries.query('begin')
        const result = await work(queries)
        await queries.query('commit')
        return result
      } catch (error) {
        await client.query('rollback').catch(reason => {
          broken = reason
        })
        throw error
      } finally {
        client.release(broken)
      }
    },
    close: () => pool.end(),
  }
}

const queriesOn = (target: pg.Pool | pg.PoolClient): Queries => ({
  async query<Row extends object>(sql: string, params: readonly unknown[] = []) {
    const { rows } = await reached(target.query<Row & pg.QueryResultRow>(sql, [...params]))
    return rows
  },
  async script(sql) {
    const results = await reached(target.query(sql))
    return [results].flat().flatMap(({ rows }) => rows)
  },
})

/** @throws Problem `storage-unreachable` where there is no answer of the database; else what it says */
async function reached<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    if (!isAway(error)) throw error
    throw new Problem('storage-unreachable', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: error,
    })
  }
}

/**
 * What is no answer is a connection that was refused, cut or not to be had in time. Among the answers: it goes
 * down or comes up (57P01 to 57P03), the connection is broken (class 08), or it has no room for another (53300).
 *
 * @see PostgreSQL documentation, appendix A: error codes
 */
const isAway = (error: unknown): boolean =>
  error instanceof pg.DatabaseError
    ? /^(08...|57P0[123]|53300)$/.test(error.code ?? '')
    : // A parameter that cannot be written is a fault of ours.
      !(error instanceof TypeError)
