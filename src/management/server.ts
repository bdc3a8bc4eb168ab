import express, { type Express } from 'express'
import type { Registry } from 'prom-client'
import type { Journal } from '../ports/journal.ts'
import { audited, auditRoutes, type ManagementAudit } from './audit.ts'
import { type FreshnessActions, freshnessRoutes } from './freshness.ts'
import { ledgerRoutes } from './ledger.ts'
import { orderRepairRoutes, type RepairActions } from './order-repair.ts'

/** One thing readiness depends on. `required` ones make the process unready when they fail. */
export type ReadinessCheck = {
  readonly name: string
  readonly required: boolean
  /** @returns what an operator should know; throws when it is not well */
  check(): Promise<object> | object
}

/**
 * The management listener's application: health, readiness, metrics. It has no authentication of
 * its own and is bound to loopback, or to a network that only operators reach.
 */
export function createManagementApp(options: {
  registry: Registry
  /** What is in force, and what became of the latest edit. */
  policies(): { readonly rejected: unknown }
  /** How a recent call was decided; undefined when it is not known, or no more. */
  decisionOn(correlationId: string): object | undefined
  /** Who calls what is on its way out. */
  lifecycle(): Promise<readonly object[]>
  audit: ManagementAudit
  repair: RepairActions
  freshness: FreshnessActions
  journal: Pick<Journal, 'verify' | 'entriesOf'>
  checks: readonly ReadinessCheck[]
}): Express {
  const app = express()
  app.disable('x-powered-by')
  app.get('/healthz', (_req, res) => {
    res.json({ status: 'ok' })
  })
  app.get('/readyz', async (_req, res) => {
    const results = await Promise.all(options.checks.map(runCheck))
    const ready = results.every(({ ok, required }) => ok || !required)
    res.status(ready ? 200 : 503).json({
      status: ready ? 'ready' : 'not ready',
      checks: Object.fromEntries(results.map(toEntry)),
    })
  })
  app.use('/admin', audited(options.audit))
  app.use('/admin/audit', auditRoutes(options.audit))
  app.use('/admin/ledger', ledgerRoutes(options.journal))
  app.use('/admin', freshnessRoutes(options.freshness))
  app.use('/admin', orderRepairRoutes(options.repair))
  app.get('/admin/lifecycle', async (_req, res) => {
    res.json({ versions: await options.lifecycle() })
  })
  app.get('/admin/policies', (_req, res) => {
    res.json(options.policies())
  })
  app.get('/admin/explain/:correlationId', (req, res) => {
    const decision = options.decisionOn(req.params.correlationId)
    if (decision) res.json(decision)
    else res.status(404).json({ message: 'no recent call has this correlation id' })
  })
  app.get('/metrics', async (_req, res) => {
    res.type(options.registry.contentType).send(await options.registry.metrics())
  })
  return app
}

type CheckResult = { name: string; required: boolean; ok: boolean; detail: object }

async function runCheck({ name, required, check }: ReadinessCheck): Promise<CheckResult> {
  try {
    return { name, required, ok: true, detail: await check() }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { name, required, ok: false, detail: { message } }
  }
}

const toEntry = ({ name, ok, detail }: CheckResult): [string, object] => [name, { ok, ...detail }]
