import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Clock, systemClock } from '../kernel/clock.ts'
import { type Logger, silentLogger } from '../kernel/logger.ts'
import { Books } from './books/books.ts'
import { openJournalFile } from './books/journal-file.ts'
import { CallCounts } from './call-counts.ts'
import { createControlListener } from './control-listener.ts'
import { createErpListener } from './erp-listener.ts'

export type SandboxOptions = {
  /** 0 takes any free one. */
  readonly port: number
  /** Where `sandbox.jsonl`, the ERP's books, is kept. */
  readonly dataDir: string
  readonly clock?: Clock
  readonly logger?: Logger
  /** Decides which calls a fault hits; at least 0, less than 1. */
  readonly random?: () => number
  /** Of the user POSTERN. */
  readonly password?: string
  /** Whether the stock it tells is less what is on order. */
  readonly quantitySemantics?: 'PHYSICAL' | 'NET_OF_ERP_ORDERS'
}

export interface Sandbox {
  readonly url: string
  readonly port: number
  /** Cuts what is still open; all that was answered is in the books. */
  close(): Promise<void>
}

/**
 * Starts the sandbox ERP on loopback.
 *
 * @throws Error when the port is taken, or the books cannot be read
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clock = systemClock, logger = silentLogger, random = Math.random } = options
  const server = createServer()
  // An ERP keeps connections open for long; a short time would cut calls that are just being sent.
  server.keepAliveTimeout = 65_000
  server.listen(options.port, '127.0.0.1')
  await once(server, 'listening')
  // Only whoever has the port opens the books: two writers would lose each other's postings.
  try {
    const journal = openJournalFile(join(options.dataDir, 'sandbox.jsonl'))
    server.once('close', () => journal.close())
    const isNetOfOrders = options.quantitySemantics === 'NET_OF_ERP_ORDERS'
    const books = new Books({ journal, clock, isNetOfOrders })
    const counts = new CallCounts()
    const password = options.password ?? 'sandbox'
    const erp = createErpListener({ books, counts, clock, logger, random, password })
    const control = createControlListener({ books, counts, erp }, logger)
    server.on('request', (req, res) => {
      if (req.url?.startsWith('/_control/')) control(req, res)
      else erp.serve(req, res)
    })
  } catch (error) {
    server.close()
    throw error
  }
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
