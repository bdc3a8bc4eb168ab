import { createServer } from 'node:http'
import { join } from 'node:path'
import { createAuditing } from './composition/auditing.ts'
import { allowanceFor, type SharedState } from './composition/erp-allowances.ts'
import { erpFigures } from './composition/erp-figures.ts'
import { createErpPool } from './composition/erp-pool.ts'
import { expireHolds, forgetAnswers } from './composition/expiry.ts'
import { createInvalidation, thingsOf, toldChanges } from './composition/invalidation.ts'
import { lifecycleReport } from './composition/lifecycle-report.ts'
import { CONTRACTS_DIR } from './composition/load-policy-set.ts'
import { measureLoad } from './composition/measure-load.ts'
import { openLimits } from './composition/open-limits.ts'
import { createOrderChanges } from './composition/order-changes.ts'
import { createOrderRepair } from './composition/order-repair.ts'
import { type OrderWorker, workOnOrders } from './composition/order-worker.ts'
import { createPoliciesInForce, type PolicyStatus } from './composition/policies-in-force.ts'
import { createPolicySource, loadFirst } from './composition/policy-source.ts'
import { createPromisedStock } from './domain/inventory/promised-stock.ts'
import type { Environment } from './environment.ts'
import { loadContracts } from './gateway/contract.ts'
import { createGateway, type Gateway } from './gateway/gateway.ts'
import {
  createCredentialVerifier,
  type VerifiedTokens,
} from './gateway/identity/credential-verifier.ts'
import { createJwksPool } from './gateway/identity/jwks-pool.ts'
import { createTokenMemory } from './gateway/identity/token-memory.ts'
import { observe } from './gateway/observe.ts'
import { createRecentDecisions } from './gateway/recent-decisions.ts'
import { createResponseCache } from './gateway/response-cache.ts'
import { type Listening, listen } from './http/listen.ts'
import { createRest } from './http/rest.ts'
import { createPublicServer } from './http/server.ts'
import { type Clock, systemClock } from './kernel/clock.ts'
import { createManagementApp } from './management/server.ts'
import { createOperations } from './operations/operations.ts'
import type { PolicySet } from './policy/policy-set.ts'
import { refuseTransition } from './policy/transitions/transition.ts'
import { watchFolder } from './policy/watch.ts'
import type { DemoCredentials } from './portal/demo-credentials.ts'
import { problemPages } from './portal/problem-pages.ts'
import { openQuoteKey } from './portal/quote-key.ts'
import { openSigningKeys } from './portal/signing-keys.ts'
import { tokenEndpoint } from './portal/token-endpoint.ts'
import { wellKnown } from './portal/well-known.ts'
import { createSandbox } from './sandbox/server.ts'
import { createAuditTrail } from './store/audit-trail.ts'
import { openJobs } from './store/jobs.ts'
import { openDatabase } from './store/open.ts'
import { openRedis } from './store/open-redis.ts'
import { countProcesses } from './store/process-count.ts'
import { openChannels } from './store/redis-channels.ts'
import { createStore } from './store/store.ts'
import { createVersionUsage } from './store/version-usage.ts'
import type { LogSink } from './telemetry/log.ts'
import { createMetrics } from './telemetry/metrics.ts'

export type App = {
  readonly publicUrl: string
  readonly managementUrl: string
  /** Undefined where no embedded sandbox runs. */
  readonly sandboxUrl: string | undefined
  /** How the policies stand at this moment. */
  policies(): PolicyStatus
  readonly demo: DemoCredentials
  /** Reads the signing keys' folder again: rotation without a restart. */
  reloadKeys(): Promise<void>
  /** Stops taking calls, finishes those under way, and closes everything that was opened. */
  close(): Promise<void>
}

/** Verified tokens remembered: two generations of this many, some 2 KiB each. */
const REMEMBERED_TOKENS = 20_000

/** Calls that `/admin/explain` still knows: some seconds of a busy shop, hours of a quiet one. */
const REMEMBERED_DECISIONS = 10_000

/** A version that nobody has called for so long may go. */
const QUIET_DAYS = 30

/** Notes a resource, to be closed with the others. */
type Closing = <T extends { close(): Promise<void> }>(resource: T) => T

/**
 * Brings every room together and starts listening.
 *
 * @throws PolicyError, or Error when something that it needs cannot be opened; nothing stays open then
 */
export async function startApp(environment: Environment, log: LogSink): Promise<App> {
  const opened: { close(): Promise<void> }[] = []
  const close = async () => {
    for (const resource of opened.splice(0).reverse()) await resource.close()
  }
  try {
    const app = await assemble(environment, log, resource => {
      opened.push(resource)
      return resource
    })
    return { ...app, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function assemble(
  environment: Environment,
  log: LogSink,
  closing: Closing,
): Promise<Omit<App, 'close'>> {
  const { dataDir, production } = environment
  const clock = systemClock
  const metrics = createMetrics()
  // The three that take longest, at once. All are awaited, so that what did open gets closed.
  const [contracts, database, sandbox] = await allOrThrow([
    loadContracts(CONTRACTS_DIR),
    openDatabase({ databaseUrl: environment.databaseUrl, dataDir, logger: log }).then(closing),
    openSandbox(environment, log, closing),
  ])
  const source = createPolicySource(environment, sandbox?.port)
  const first = await loadFirst(source, log)
  const keys = await openSigningKeys({
    directory: environment.signingKeysDir ?? join(dataDir, 'keys'),
    mayGenerate: !production,
    policy: first.gateway.ownIssuer,
    clock,
  })
  const shared = openShared(environment.redisUrl, { clock, logger: log, closing })
  const limits = closing(
    await openLimits({ redis: shared?.redis, database, clock, metrics, logger: log }),
  )
  const jobs = closing(await openJobs(database, log))
  const store = createStore(database, { clock, jobs })
  metrics.watchPostings(async () =>
    (await store.read.postings.waiting()).map(({ oldestAt: _, ...waiting }) => waiting),
  )
  const orderChanges = createOrderChanges(clock)
  closing(expireHolds(store, { clock, logger: log }))
  closing(forgetAnswers(store, { clock, logger: log }))
  const audit = createAuditTrail(database, clock)
  const auditing = closing(createAuditing(audit, log))
  const versionUsage = closing(createVersionUsage(database, { clock, logger: log }))
  const quoteKey = await openQuoteKey(environment.quoteKey, dataDir)

  const cache = createResponseCache(first.gateway.cache.maxBytes)
  metrics.watchCache(cache)
  const invalidation = createInvalidation(cache, clock, shared?.channels.channel('answers'))
  let worker: OrderWorker | undefined
  // What outlives a policy set: an edit that leaves them alone finds them as they were.
  const erps = closing(
    createErpPool({
      clock,
      logger: log,
      metrics,
      random: Math.random,
      shared,
      changed(connection, things) {
        invalidation.changed(things)
        if (things.orders.length) worker?.changedAt(connection, things.orders)
      },
      allowanceFor: (settings, classes) =>
        allowanceFor(settings, classes, { clock, limits, shared }),
    }),
  )
  const jwks = createJwksPool({ clock, logger: log })
  const verified: VerifiedTokens = createTokenMemory(REMEMBERED_TOKENS)
  const recent = createRecentDecisions(REMEMBERED_DECISIONS)

  const load = closing(measureLoad(clock))
  load.limit(first.gateway.shedding, first.gateway.workClasses.length)
  metrics.watchLoad(load)
  const compileGateway = (policies: PolicySet): Gateway => {
    const { revision } = policies
    const { sampleSuccesses } = policies.gateway.accessLog
    const sources = erps.sourcesFor(policies)
    const operations = createOperations({
      ...sources,
      promised: createPromisedStock(sources.known.stock, { store, erpAt: sources.erpAt }),
      knownStock: sources.known.stock,
      knownPrices: sources.known.prices,
      store,
      stockChanged: invalidation.stockChanged,
      policyRevision: revision,
      orderChanged: orderChanges.wait,
      network: policies,
      quoteKey,
      now: clock.now,
    })
    return createGateway(contracts, policies, operations, {
      clock,
      logger: log,
      metrics,
      limits,
      cache,
      load,
      random: Math.random,
      countVersionUse: versionUsage.count,
      answers: store.read.idempotency,
      credentials: createCredentialVerifier({ policies, ownKeys: keys, jwks, verified, clock }),
      observe: plan =>
        observe(plan, {
          load,
          metrics,
          log,
          revision,
          recent,
          sampleSuccesses,
          random: Math.random,
        }),
    })
  }
  const inForce = closing(
    createPoliciesInForce(first, {
      load: source.load,
      compile: compileGateway,
      refuse: async (before, after) =>
        refuseTransition(before, after, {
          now: clock.now(),
          usage: await versionUsage.report(QUIET_DAYS),
        }),
      audit: auditing.record,
      settled(policies) {
        const { shedding, workClasses } = policies.gateway
        load.limit(shedding, workClasses.length)
        erps.keepOnly(policies)
      },
      clock,
      logger: log,
      metrics,
    }),
  )
  closing(
    watchFolder(environment.policiesDir, {
      clock,
      changed: () =>
        inForce.reload().catch(error => log.error({ error }, 'the policies cannot be read')),
    }),
  )

  const policies = () => inForce.policies
  worker = closing(
    await workOnOrders({
      store,
      jobs,
      clock,
      logger: log,
      random: Math.random,
      erp: connection => erps.postingErp(policies(), connection),
      connections: () => [...policies().connections.keys()],
      changed(orderId, skus) {
        if (orderId !== undefined) orderChanges.changed(orderId)
        invalidation.stockChanged(skus)
      },
    }),
  )
  const rest = createRest(
    [
      tokenEndpoint({ policies, keys, clock, logger: log }),
      wellKnown({ policies, keys }),
      problemPages(),
    ],
    log,
  )
  const management = createManagementApp({
    registry: metrics.registry,
    policies: () => inForce.status,
    decisionOn: recent.find,
    lifecycle: async () => lifecycleReport(inForce.policies, await versionUsage.report(QUIET_DAYS)),
    audit: { read: audit.read, record: auditing.record },
    repair: createOrderRepair({
      store,
      clock,
      policies,
      sources: () => erps.sourcesFor(policies()),
    }),
    journal: store.read.journal,
    freshness: {
      invalidate(groups, soft) {
        const locations = [...policies().locations.keys()]
        erps.outdate(groups.flatMap(group => thingsOf(group, locations)))
        invalidation.invalidate(groups, soft)
      },
      changed: (connection, told) => erps.take(connection, toldChanges(told)),
      connections: () => erpFigures(policies(), metrics),
    },
    checks: [
      { name: 'policies', required: true, check: () => inForce.status },
      {
        name: 'database',
        required: true,
        check: async () => {
          await database.query('select 1')
          return { engine: database.engine }
        },
      },
    ],
  })
  const onManagement = closing(
    await listen(createServer(management), environment.managementHost, environment.managementPort),
  )
  const server = createPublicServer({
    gateway: inForce.gateway,
    rest,
    limits: first.gateway.listener,
    logger: log,
  })
  const onPublic: Listening = closing(await listen(server, environment.host, environment.port))
  return {
    publicUrl: onPublic.url,
    managementUrl: onManagement.url,
    sandboxUrl: sandbox?.url,
    policies: () => inForce.status,
    demo: await source.demo(),
    async reloadKeys() {
      await keys.reload()
      auditing.record({
        action: 'signing-keys.reloaded',
        who: 'a signal',
        subject: 'signing keys',
        detail: {},
      })
    },
  }
}

/** What this process shares with the others, where there is a Redis. */
function openShared(
  redisUrl: string | undefined,
  { clock, logger, closing }: { clock: Clock; logger: LogSink; closing: Closing },
): SharedState | undefined {
  if (redisUrl === undefined) return undefined
  const redis = openRedis(redisUrl, logger)
  closing({ close: async () => redis.disconnect() })
  return {
    redis,
    processes: closing(countProcesses(redis, 'postern:processes', clock)),
    channels: closing(openChannels(redis, clock)),
  }
}

async function openSandbox(environment: Environment, log: LogSink, closing: Closing) {
  const { sandboxPort, dataDir, variables } = environment
  if (sandboxPort === 'off') return undefined
  const password = variables.POSTERN_SANDBOX_PASSWORD
  return closing(
    await createSandbox({ port: sandboxPort, dataDir, logger: log, ...(password && { password }) }),
  )
}

/** Like Promise.all, but rejects only when all have settled. */
async function allOrThrow<T extends readonly unknown[]>(
  work: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  await Promise.allSettled(work)
  return Promise.all(work) as unknown as Promise<T>
}
