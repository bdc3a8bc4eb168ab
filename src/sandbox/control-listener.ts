import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '../kernel/logger.ts'
import { calls } from './control/calls.ts'
import { catalogue } from './control/catalogue.ts'
import { type Controlled, ControlRefusal } from './control/control-call.ts'
import { documents } from './control/documents.ts'
import { reset } from './control/reset.ts'
import { setFaults } from './control/set-faults.ts'
import { setOrder } from './control/set-order.ts'
import { setStock } from './control/set-stock.ts'
import { BodyRefused, readJsonBody, sendJson } from './http/json-body.ts'
import { createRouteTable, queryOf } from './http/route-table.ts'

const findCall = createRouteTable([
  catalogue,
  calls,
  documents,
  setStock,
  setOrder,
  setFaults,
  reset,
])

/** Answers `/_control`: no authentication, for the server is bound to loopback, and no faults. */
export function createControlListener(
  controlled: Controlled,
  logger: Logger,
): (req: IncomingMessage, res: ServerResponse) => void {
  const serve = async (req: IncomingMessage, res: ServerResponse) => {
    const url = req.url ?? '/'
    const found = findCall(req.method ?? 'GET', url)
    if (!found) throw new ControlRefusal(404, `there is no ${req.method} ${url.split('?')[0]}`)
    const body = objectOf(await readJsonBody(req))
    sendJson(res, 200, found.route.answer({ query: queryOf(url), body }, controlled))
  }
  return (req, res) => {
    serve(req, res).catch((error: unknown) => {
      if (error instanceof ControlRefusal || error instanceof BodyRefused) {
        return sendJson(res, error.status, { error: error.message })
      }
      if (res.closed || res.destroyed || req.errored) return
      logger.error({ error, url: req.url }, 'a control call to the sandbox ERP failed')
      sendJson(res, 500, { error: 'failed; see the log' })
    })
  }
}

function objectOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
    return body as Record<string, unknown>
  }
  throw new ControlRefusal(400, 'the body must be a JSON object')
}
