import { after, before } from 'node:test'
import { silentLogger } from '../../src/kernel/logger.ts'
import { openDatabase } from '../../src/store/open.ts'
import { postgresMissing, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { runLedgerSuite } from './stock-ledger.ts'

let postgres: TestPostgres
before(async () => {
  if (!postgresMissing) postgres = await startPostgres()
})
after(() => postgres?.stop())

runLedgerSuite({
  name: 'PostgreSQL',
  skip: postgresMissing,
  open: () =>
    openDatabase({ databaseUrl: postgres.url, dataDir: '/nowhere', logger: silentLogger }),
  histories: 25,
  mutants: true,
})
