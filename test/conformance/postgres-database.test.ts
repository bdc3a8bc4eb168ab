import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { silentLogger } from '../../src/kernel/logger.ts'
import { openDatabase } from '../../src/store/open.ts'
import { postgresMissing, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { runDatabaseSuite } from './database.ts'

let postgres: TestPostgres
before(async () => {
  if (!postgresMissing) postgres = await startPostgres()
})
after(() => postgres?.stop())

const open = () =>
  openDatabase({ databaseUrl: postgres.url, dataDir: '/nowhere', logger: silentLogger })

it('processes that start at once bring PostgreSQL up to date together', {
  skip: postgresMissing,
}, async () => {
  const opened = await Promise.all([open(), open(), open()])
  const counts = await Promise.all(
    opened.map(db => db.query<{ count: number }>('select count(*) as "count" from quota_usage')),
  )
  assert.deepEqual(
    counts.map(rows => rows[0]?.count),
    [0, 0, 0],
  )
  await Promise.all(opened.map(db => db.close()))
})

runDatabaseSuite({ name: 'PostgreSQL', skip: postgresMissing, open })
