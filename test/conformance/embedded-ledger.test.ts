import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { silentLogger } from '../../src/kernel/logger.ts'
import { openDatabase } from '../../src/store/open.ts'
import { runLedgerSuite } from './stock-ledger.ts'

const dataDir = await mkdtemp(join(tmpdir(), 'postern-ledger-'))
after(() => rm(dataDir, { recursive: true, force: true }))

runLedgerSuite({
  name: 'the embedded engine',
  open: () => openDatabase({ dataDir, logger: silentLogger }),
  histories: 25,
  mutants: false,
})
