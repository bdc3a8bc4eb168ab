import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Books } from './books/books.ts'
import type { CallCounts } from './call-counts.ts'
import type { ErpCall } from './erp/erp-call.ts'
import { ERP_CALLS } from './erp/erp-calls.ts'
import { type ErpMessage, ErpRejection } from './erp/erp-message.ts'
import { fieldsOf } from './erp/fields.ts'
import { type Faults, NO_FAULTS } from './faults.ts'
import { createBasicAuth } from './http/basic-auth.ts'
import { BodyRefused, readJsonBody, sendJson, sendText } from './http/json-body.ts'
import { createRouteTable, type Found, queryOf } from './http/route-table.ts'

export type ErpListenerOptions = {
  readonly books: Books
  readonly counts: CallCounts
  readonly clock: Clock
  readonly logger: Logger
  /** At least 0, less than 1: decides which calls a fault hits. */
  readonly random: () => number
  readonly password: string
}

/** What answers the ERP's own paths, and what is to go wrong with them. */
export interface ErpListener {
  readonly serve: (req: IncomingMessage, res: ServerResponse) => void
  readonly faults: Faults
  /** Going down also cuts the connections there are. */
  setFaults(faults: Faults): void
}

const findCall = createRouteTable(ERP_CALLS)

export function createErpListener(options: ErpListenerOptions): ErpListener {
  const { books, counts, clock, logger, random } = options
  const isKnownUser = createBasicAuth('POSTERN', options.password)
  const sockets = new Set<Socket>()
  let faults = NO_FAULTS

  /** Each fault is drawn for itself; the first one in the order of a call's life wins. */
  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const url = req.url ?? '/'
    const found = findCall(req.method ?? 'GET', url)
    const gone = new AbortController()
    res.once('close', counts.enter(found?.route.name ?? 'unknown'))
    res.once('close', () => gone.abort())
    remember(req.socket)
    if (faults.down) return void req.socket.destroy()

    const body = await readJsonBody(req)
    const { latencyMs, jitterMs } = faults
    const delayMs = latencyMs + random() * jitterMs
    if (delayMs > 0) await clock.sleep(delayMs, gone.signal)
    if (random() < faults.hangRate) return
    if (random() < faults.errorRate) {
      return sendJson(res, faults.status, abort('SY530', 'The system has a problem'))
    }
    if (!isKnownUser(req.headers.authorization)) {
      const challenge = { 'www-authenticate': 'Basic realm="SBX 100", charset="UTF-8"' }
      return sendJson(res, 401, abort('00152', 'Name or password is incorrect'), challenge)
    }
    if (!found) return sendJson(res, 404, abort('00404', 'There is no such service'))

    const answer = work(found, url, body)
    if (random() < faults.loseResponseRate) return void req.socket.destroy()
    if (random() < faults.garbageRate) return sendGarbage(res, answer, random())
    sendJson(res, 200, answer)
  }

  const work = ({ route, params }: Found<ErpCall>, url: string, body: unknown): object => {
    try {
      const request = { params, query: queryOf(url), body: fieldsOf(body, 'body') }
      return { TYPE: 'S', ...route.answer(request, books) }
    } catch (error) {
      if (error instanceof ErpRejection) return error.toMessage()
      throw error
    }
  }

  const remember = (socket: Socket) => {
    if (sockets.has(socket)) return
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  }

  return {
    serve: (req, res) => {
      serve(req, res).catch((error: unknown) => {
        if (error instanceof BodyRefused) {
          return sendJson(res, error.status, abort(`HT${error.status}`, error.message))
        }
        if (res.closed || res.destroyed || req.errored) return
        logger.error({ error, url: req.url }, 'the sandbox ERP failed')
        sendJson(res, 500, abort('SY500', 'Short dump: see the log'))
      })
    },
    get faults() {
      return faults
    },
    setFaults(next) {
      faults = next
      if (next.down) for (const socket of sockets) socket.destroy()
    },
  }
}

const abort = (number: string, message: string): ErpMessage => ({
  TYPE: 'A',
  NUMBER: number,
  MESSAGE: message,
})

const HTML = '<html><head><title>Logon</title></head><body>Please wait ...</body></html>'

/** Whole as HTTP, of no use as an answer. @param draw which of the two kinds */
function sendGarbage(res: ServerResponse, answer: object, draw: number): void {
  const json = JSON.stringify(answer)
  if (draw < 0.5) {
    sendText(res, 200, json.slice(0, json.length / 2), { 'content-type': 'application/json' })
  } else {
    sendText(res, 200, HTML, { 'content-type': 'text/html' })
  }
}
