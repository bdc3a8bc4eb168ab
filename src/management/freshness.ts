import { json, type Request, type Response, Router } from 'express'
import { ERP_PAGE_CSP, erpPage, type ShownErp } from './erp-page.ts'

/** A change at an ERP, as somebody tells us of it. */
export type ToldChange = { readonly sku: string; readonly location?: string }

/** What the management listener can have done about what is remembered; see composition/invalidation.ts. */
export type FreshnessActions = {
  /** @param soft answers may still be given while they are made anew */
  invalidate(groups: readonly string[], soft: boolean): void
  /** @returns false when there is no such connection */
  changed(
    connection: string,
    changes: { readonly stock: readonly ToldChange[]; readonly prices: readonly ToldChange[] },
  ): Promise<boolean>
  /** The figures of every connection. */
  connections(): Promise<readonly ShownErp[]>
}

const TOLD_MAX = 10_000
const BODY_MAX = 1_048_576

/**
 * - `GET /admin/erps` figures of each connection, as JSON or as a page
 * - `POST /admin/erps/{connection}/changes` `{stock: [{sku, location}], prices: [{sku}]}`: an ERP's own notice
 * - `POST /admin/cache/invalidate` `{groups: ["stock/100001"], soft: true}`
 */
export function freshnessRoutes(actions: FreshnessActions): Router {
  const router = Router()
  router.use(json({ limit: BODY_MAX }))
  router.get('/erps', async (_req, res) => {
    const connections = await actions.connections()
    res.format({
      'application/json': () => res.json({ connections }),
      'text/html': () => {
        res.set('Content-Security-Policy', ERP_PAGE_CSP).send(erpPage(connections))
      },
    })
  })
  router.post('/erps/:connection/changes', async (req, res) => {
    const { stock = [], prices = [] } = (req.body ?? {}) as { stock?: unknown; prices?: unknown }
    if (!areChanges(stock, ['sku', 'location']))
      return refuse(res, 'stock: a list of {sku, location}')
    if (!areChanges(prices, ['sku'])) return refuse(res, 'prices: a list of {sku}')
    const isKnown = await actions.changed(connectionOf(req), { stock, prices })
    if (isKnown) res.json({ taken: stock.length + prices.length })
    else res.status(404).json({ message: `there is no connection ${connectionOf(req)}` })
  })
  router.post('/cache/invalidate', (req, res) => {
    const { groups, soft = true } = (req.body ?? {}) as { groups?: unknown; soft?: unknown }
    const areGroups =
      Array.isArray(groups) &&
      groups.length <= TOLD_MAX &&
      groups.every(isText) &&
      groups.length > 0
    if (!areGroups) return refuse(res, 'groups: a list such as ["stock/100001", "price/100001"]')
    if (typeof soft !== 'boolean') return refuse(res, 'soft: true or false')
    actions.invalidate(groups, soft)
    res.json({ invalidated: groups.length })
  })
  return router
}

const connectionOf = (req: Request): string => String(req.params.connection)

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= 200

function areChanges(list: unknown, names: readonly string[]): list is readonly ToldChange[] {
  return (
    Array.isArray(list) &&
    list.length <= TOLD_MAX &&
    list.every(
      item => typeof item === 'object' && item !== null && names.every(n => isText(item[n])),
    )
  )
}

function refuse(res: Response, message: string): void {
  res.status(400).json({ message: `${message} is expected, at most ${TOLD_MAX} long` })
}
