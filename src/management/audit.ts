import { type RequestHandler, Router } from 'express'
import type { AuditEntry, AuditRecord } from '../model/audit.ts'

export type ManagementAudit = {
  read(after: number, limit: number): Promise<readonly AuditRecord[]>
  record(entry: AuditEntry): void
}

const MAX_PAGE = 1000
const MAX_NAME_CHARACTERS = 100

/**
 * Records every administrative deed that goes through the management listener, what was refused too.
 * The listener knows no users; who did it says `X-Operator`, and where it came from the address.
 */
export const audited =
  ({ record }: ManagementAudit): RequestHandler =>
  (req, res, next) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      res.on('finish', () =>
        record({
          action: `admin.${req.method}`,
          who: req.get('x-operator')?.slice(0, MAX_NAME_CHARACTERS) ?? 'unknown',
          subject: req.originalUrl.split('?', 1)[0] ?? '',
          detail: { status: res.statusCode, address: req.socket.remoteAddress ?? 'unknown' },
        }),
      )
    }
    next()
  }

/** `GET /admin/audit?after=0&limit=100`: the records after one, in order. */
export function auditRoutes({ read }: ManagementAudit): Router {
  const router = Router()
  router.get('/', async (req, res) => {
    const [after, limit] = [Number(req.query.after ?? 0), Number(req.query.limit ?? 100)]
    if (!isCount(after, 0) || !isCount(limit, 1) || limit > MAX_PAGE) {
      res.status(400).json({ message: `after is a whole number, limit one from 1 to ${MAX_PAGE}` })
      return
    }
    const records = await read(after, limit)
    res.json({ records, next: records.at(-1)?.seq ?? after })
  })
  return router
}

const isCount = (value: number, least: number): boolean =>
  Number.isSafeInteger(value) && value >= least
