import { once } from 'node:events'
import {
  Agent,
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** What can go wrong between us and an ERP. */
export type Fault =
  /** The request is read and never answered. */
  | { readonly kind: 'hang' }
  /** The connection ends where the answer should begin. */
  | { readonly kind: 'drop' }
  /** The connection ends in the middle of the ERP's answer. */
  | { readonly kind: 'cut' }
  /** Somebody else answers in the ERP's place. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly body?: string
      readonly headers?: Readonly<Record<string, string>>
    }

export type ProxiedRequest = {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type FaultProxy = {
  /** Without a path and without a slash at the end. */
  readonly address: string
  /** Everything that has arrived since the start. */
  readonly requests: readonly ProxiedRequest[]
  readonly openSockets: number
  /** The next so many requests, of those that `when` picks, meet the fault; the rest reach the ERP. */
  inject(fault: Fault, times?: number, when?: (request: ProxiedRequest) => boolean): void
  /** Ends all faults. */
  heal(): Promise<void>
  /** Nobody listens any more, until it is healed. */
  refuse(): Promise<void>
  /** Resolves as soon as a request arrives. */
  nextRequest(): Promise<void>
  /** Resolves when the last socket is closed. */
  allClosed(): Promise<void>
  close(): Promise<void>
}

type Plan = { fault: Fault; times: number; when: (request: ProxiedRequest) => boolean }

/** A proxy to put before any ERP that speaks HTTP, on a loopback port of its own. */
export async function createFaultProxy(target: string): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true })
  const sockets = new Set<Socket>()
  const requests: ProxiedRequest[] = []
  let plan: Plan | undefined
  let arrived = Promise.withResolvers<void>()
  let emptied = Promise.withResolvers<void>()

  const onSocket = (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      if (sockets.size === 0) {
        emptied.resolve()
        emptied = Promise.withResolvers()
      }
    })
  }

  const onRequest = async (req: IncomingMessage, res: ServerResponse) => {
    const body = (await buffer(req)).toString()
    const proxied = { path: req.url ?? '/', headers: req.headers, body }
    requests.push(proxied)
    const fault = planned(proxied)
    arrived.resolve()
    arrived = Promise.withResolvers()
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'drop') return void res.destroy()
    if (fault?.kind === 'answer') {
      res.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers })
      return void res.end(fault.body)
    }
    const onward = request(target + proxied.path, {
      agent,
      method: req.method,
      headers: { ...req.headers, host: new URL(target).host },
    })
    onward.end(body)
    await relay(onward, res, fault?.kind === 'cut')
  }

  const planned = (proxied: ProxiedRequest): Fault | undefined => {
    if (!plan || plan.times <= 0 || !plan.when(proxied)) return undefined
    plan.times--
    return plan.fault
  }

  const server = createServer((req, res) => {
    onRequest(req, res).catch(() => res.destroy())
  })
  server.on('connection', onSocket)
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const stop = async () => {
    if (!server.listening) return
    server.close()
    for (const socket of sockets) socket.destroy()
    await once(server, 'close')
  }
  await listen(0)
  const { port } = server.address() as AddressInfo

  return {
    address: `http://127.0.0.1:${port}`,
    requests,
    get openSockets() {
      return sockets.size
    },
    inject(fault, times = Number.POSITIVE_INFINITY, when = () => true) {
      plan = { fault, times, when }
    },
    async heal() {
      plan = undefined
      if (!server.listening) await listen(port)
    },
    refuse: stop,
    nextRequest: () => arrived.promise,
    allClosed: async () => {
      if (sockets.size > 0) await emptied.promise
    },
    async close() {
      await stop()
      agent.destroy()
    },
  }
}

/** Passes the ERP's answer on, or only the first half of its body. */
async function relay(onward: ClientRequest, res: ServerResponse, cut: boolean): Promise<void> {
  const [answer] = (await once(onward, 'response')) as [IncomingMessage]
  const body = await buffer(answer)
  const headers = { ...answer.headers, 'content-length': String(body.length) }
  delete (headers as Record<string, unknown>)['transfer-encoding']
  res.writeHead(answer.statusCode ?? 502, headers)
  if (!cut) return void res.end(body)
  res.write(body.subarray(0, Math.floor(body.length / 2)), () => res.destroy())
}
