import { json, type Request, type RequestHandler, type Response, Router } from 'express'
import type { DeadLetters } from '../ports/orders.ts'

/** What the management listener can have done for orders; see composition/order-repair.ts. */
export type RepairActions = {
  dead(which: DeadLetters, limit: number): Promise<readonly object[]>
  look(postingId: string): Promise<object | undefined>
  release(postingId: string, reason: string, edit?: PayloadEdit): Promise<boolean>
  releaseAll(which: DeadLetters, reason: string): Promise<number>
  releaseHold(orderId: string, reason: string): Promise<string | undefined>
  acknowledgement(orderId: string): Promise<object | undefined>
}

type PayloadEdit = Readonly<Record<string, never>>

const MAX_LISTED = 500

/**
 * - `GET /admin/dead-letters?cause=&connection=&kind=&text=&before=` what waits for a person; all that is named must fit
 * - `GET /admin/dead-letters/{id}` one of them, with its attempts
 * - `POST /admin/dead-letters/{id}/release` `{reason, edit?}`; `POST /admin/dead-letters/release` `{cause, ..., reason}`
 * - `GET /admin/orders/{id}` who placed it, under which policies, and every attempt to tell the ERPs of it
 * - `POST /admin/orders/{id}/release-hold` `{reason}`
 */
export function orderRepairRoutes(actions: RepairActions): Router {
  const router = Router()
  router.use(json({ limit: 65_536 }))
  router.get('/dead-letters', async (req, res) => {
    const which = whichOf(req.query, res)
    if (which) res.json({ items: await actions.dead(which, MAX_LISTED) })
  })
  router.get('/dead-letters/:id', async (req, res) => {
    const found = await actions.look(req.params.id)
    if (found) res.json(found)
    else refuse(res, 404, 'no dead letter has this id')
  })
  router.post(
    '/dead-letters/release',
    withReason(async (req, res, reason) => {
      const { reason: _, ...named } = req.body as Record<string, unknown>
      const which = whichOf(named, res)
      if (!which) return
      if (Object.keys(which).length === 0) {
        return refuse(res, 400, `say which: ${FILTERS.join(', ')}, as the list has them`)
      }
      res.json({ released: await actions.releaseAll(which, reason) })
    }),
  )
  router.post(
    '/dead-letters/:id/release',
    withReason(async (req, res, reason) => {
      const { edit } = req.body as { edit?: unknown }
      if (edit !== undefined && (typeof edit !== 'object' || edit === null)) {
        return refuse(res, 400, 'edit: must be an object of texts, and lines by their number')
      }
      try {
        const id = String(req.params.id)
        if (await actions.release(id, reason, edit as PayloadEdit | undefined)) {
          res.json({ released: 1 })
        } else refuse(res, 404, 'no dead letter has this id')
      } catch (error) {
        if ((error as Error).name !== 'EditRefused') throw error
        refuse(res, 400, `edit: ${(error as Error).message}`)
      }
    }),
  )
  router.get('/orders/:id', async (req, res) => {
    const found = await actions.acknowledgement(req.params.id)
    if (found) res.json(found)
    else refuse(res, 404, 'there is no such order')
  })
  router.post(
    '/orders/:id/release-hold',
    withReason(async (req, res, reason) => {
      const outcome = await actions.releaseHold(String(req.params.id), reason)
      if (outcome === undefined) refuse(res, 404, 'there is no such order')
      else if (outcome === 'released') res.json({ outcome })
      else
        refuse(res, 409, outcome === 'short' ? 'there still is not enough stock' : 'it is not held')
    }),
  )
  return router
}

/** Whoever repairs says why: it stands in the order's timeline. */
const withReason =
  (work: (req: Request, res: Response, reason: string) => Promise<void>): RequestHandler =>
  async (req, res) => {
    const { reason } = (req.body ?? {}) as { reason?: unknown }
    if (typeof reason === 'string' && reason.trim().length >= 3 && reason.length <= 200) {
      await work(req, res, reason.trim())
    } else refuse(res, 400, 'reason: say why, in 3 to 200 characters of a JSON text')
  }

function refuse(res: Response, status: number, message: string): void {
  res.status(status).json({ message })
}

const FILTERS = ['cause', 'connection', 'kind', 'text', 'before'] as const
const KINDS: readonly unknown[] = ['create', 'cancel', 'movements']

/** Which dead letters are meant; answers, and returns undefined, when that cannot be told. */
function whichOf(named: Readonly<Record<string, unknown>>, res: Response): DeadLetters | undefined {
  for (const [name, value] of Object.entries(named)) {
    const isKnown = FILTERS.some(filter => filter === name)
    if (isKnown && typeof value === 'string' && value !== '' && value.length <= 200) continue
    refuse(res, 400, `${name}: ${isKnown ? 'must be a text' : `not one of ${FILTERS.join(', ')}`}`)
    return undefined
  }
  const { before, ...texts } = named
  if (texts.kind !== undefined && !KINDS.includes(texts.kind)) {
    refuse(res, 400, `kind: must be one of ${KINDS.join(', ')}`)
    return undefined
  }
  const at = before === undefined ? undefined : Date.parse(String(before))
  if (Number.isNaN(at)) {
    refuse(res, 400, 'before: must be an instant, 2026-11-23T18:00:00Z')
    return undefined
  }
  return { ...texts, ...(at !== undefined && { before: at }) }
}
