/** The sandbox ERP in a process of its own: node bench/servers/sandbox.ts <data folder> */
import { mkdirSync } from 'node:fs'
import { createSandbox } from '../../src/sandbox/server.ts'

const dataDir = process.argv[2] ?? '.'
mkdirSync(dataDir, { recursive: true })
const sandbox = await createSandbox({ port: 0, dataDir })
process.send?.({ port: sandbox.port })
process.on('SIGTERM', () => sandbox.close().then(() => process.disconnect?.()))
