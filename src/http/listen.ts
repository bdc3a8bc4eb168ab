import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How long calls under way may go on once the server is told to close. */
const GRACE_MS = 10_000

export type Listening = { readonly url: string; close(): Promise<void> }

/**
 * @param port 0 for any
 * @throws Error saying which address is taken
 */
export async function listen(server: Server, host: string, port: number): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => {
      reject(new Error(`cannot listen on ${host}:${port}: ${error.message}`, { cause: error }))
    })
    server.listen(port, host, resolve)
  })
  const address = server.address() as AddressInfo
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    url: `http://${name}:${address.port}`,
    close: () =>
      new Promise(resolve => {
        const deadline = setTimeout(() => server.closeAllConnections(), GRACE_MS)
        deadline.unref()
        server.close(() => {
          clearTimeout(deadline)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}
