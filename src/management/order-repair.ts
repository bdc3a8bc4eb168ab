import { json, type Request, type RequestHandler, type Response, Router } from 'express'

/** What the management listener can have done for orders; see composition/order-repair.ts. */
export type RepairActions = {
  dead(limit: number): Promise<readonly object[]>
  release(postingId: string, reason: string): Promise<boolean>
  releaseByCause(cause: string, reason: string): Promise<number>
  releaseHold(orderId: string, reason: string): Promise<string | undefined>
}

const MAX_LISTED = 500

/**
 * - `GET /admin/dead-letters` what waits for a person
 * - `POST /admin/dead-letters/{id}/release` `{reason}`; `POST /admin/dead-letters/release` `{cause, reason}`
 * - `POST /admin/orders/{id}/release-hold` `{reason}`
 */
export function orderRepairRoutes(actions: RepairActions): Router {
  const router = Router()
  router.use(json({ limit: 4096 }))
  router.get('/dead-letters', async (_req, res) => {
    res.json({ items: await actions.dead(MAX_LISTED) })
  })
  router.post(
    '/dead-letters/release',
    withReason(async (req, res, reason) => {
      const { cause } = req.body as { cause?: unknown }
      if (typeof cause !== 'string') return refuse(res, 400, 'cause: say which, as the list has it')
      res.json({ released: await actions.releaseByCause(cause, reason) })
    }),
  )
  router.post(
    '/dead-letters/:id/release',
    withReason(async (req, res, reason) => {
      if (await actions.release(String(req.params.id), reason)) res.json({ released: 1 })
      else refuse(res, 404, 'no dead letter has this id')
    }),
  )
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
