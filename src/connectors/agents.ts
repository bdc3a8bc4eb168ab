import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Duplex } from 'node:stream'

/** A network that takes longer to say yes is not going to; the system itself would wait two minutes. */
const CONNECT_MS = 2_000
/** Below the time after which servers usually drop an idle connection (Node 5 s, gunicorn 2 s, nginx 75 s). */
const IDLE_MS = 4_000

export type Agents = { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent }

/**
 * Keeps connections to one ERP, and gives up on one that does not come about.
 *
 * @param maxSockets more requests wait for a free connection
 */
export function keptAlive(maxSockets: number): Agents {
  const options = { keepAlive: true, timeout: IDLE_MS, scheduling: 'lifo' as const, maxSockets }
  return { httpAgent: new PlainAgent(options), httpsAgent: new TlsAgent(options) }
}

class PlainAgent extends HttpAgent {
  override createConnection(...given: Parameters<HttpAgent['createConnection']>) {
    return soonConnected(super.createConnection(...given), 'connect')
  }
}

class TlsAgent extends HttpsAgent {
  override createConnection(...given: Parameters<HttpsAgent['createConnection']>) {
    return soonConnected(super.createConnection(...given), 'secureConnect')
  }
}

function soonConnected<T extends Duplex | null | undefined>(socket: T, connected: string): T {
  if (!socket) return socket
  const timer = setTimeout(() => {
    const details = { code: 'ETIMEDOUT', syscall: 'connect' }
    socket.destroy(Object.assign(new Error('connect ETIMEDOUT'), details))
  }, CONNECT_MS)
  for (const end of [connected, 'close']) socket.once(end, () => clearTimeout(timer))
  return socket
}
