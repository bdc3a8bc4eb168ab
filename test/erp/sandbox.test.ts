import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadPolicySet } from '../../src/composition/load-policy-set.ts'
import { createConnection } from '../../src/connectors/connectors.ts'
import { OPEN_GATE } from '../../src/connectors/gate/gate.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLogger } from '../../src/kernel/logger.ts'
import { createSandbox } from '../../src/sandbox/server.ts'
import { createFaultProxy } from '../support/fault-proxy.ts'
import { readPriceTruth, readStockTruth, writeBooks } from './sandbox-truth.ts'
import { runErpConnectionSuite } from './suite/erp-connection-suite.ts'

const PASSWORD = 'a password of the test'

runErpConnectionSuite({
  name: 'the sandbox, by its policy file',
  create: async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'postern-sandbox-'))
    const sandbox = await createSandbox({ port: 0, dataDir, password: PASSWORD })
    const faults = await createFaultProxy(sandbox.url)
    const connection = createConnection(await settingsOf('sandbox', faults.address), {
      clock: systemClock,
      gate: OPEN_GATE,
      logger: silentLogger,
    })
    return {
      connection,
      faults,
      stock: await readStockTruth(sandbox.url),
      prices: await readPriceTruth(sandbox.url, PASSWORD),
      writes: writeBooks(sandbox.url),
      secrets: [PASSWORD, btoa(`POSTERN:${PASSWORD}`)],
      close: async () => {
        await connection.close()
        await faults.close()
        await sandbox.close()
        await rm(dataDir, { recursive: true })
      },
    }
  },
})

/** The connection as the default policies describe it. */
async function settingsOf(name: string, address: string) {
  const result = await loadPolicySet({
    directory: 'policies',
    env: { POSTERN_SANDBOX_PASSWORD: PASSWORD },
    production: false,
    ownIssuer: 'http://127.0.0.1',
    demoHashes: () => undefined,
  })
  assert.ok(result.ok)
  const settings = result.set.connections.get(name)
  assert.ok(settings)
  return { ...settings, address }
}
