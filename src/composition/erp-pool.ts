import { coalesceReads } from '../connectors/coalescing.ts'
import { createConnection } from '../connectors/connectors.ts'
import { createGate, type Gate, OPEN_GATE } from '../connectors/gate/gate.ts'
import { guardConnection } from '../connectors/guard.ts'
import { type MaintainedConnection, withMaintenance } from '../connectors/maintenance.ts'
import { createRouting } from '../connectors/routing.ts'
import type { StockErp } from '../domain/inventory/reservations/snapshots.ts'
import type { OrderErp } from '../domain/orders/post-order.ts'
import { jsonDigest } from '../kernel/canonical-json.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { LocationId } from '../model/brand.ts'
import type { WorkClass } from '../model/work-class.ts'
import type { ConnectionPolicy, PolicySet } from '../policy/policy-set.ts'
import type { CoalescingMetrics } from '../ports/coalescing-metrics.ts'
import type { ErpConnection } from '../ports/erp.ts'
import type { ErpAllowance } from '../ports/erp-allowance.ts'
import type { GuardMetrics } from '../ports/guard-metrics.ts'
import type { PriceSource } from '../ports/price-source.ts'
import type { StockSource } from '../ports/stock-source.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** The sources of stock and prices of one policy set. */
export type Erps = {
  readonly stock: StockSource
  readonly prices: PriceSource
  /** Which ERP states the stock of a location. */
  erpAt(location: LocationId): StockErp | undefined
}

/**
 * Guarded connections that outlive policy sets: one whose settings an edit leaves alone keeps its
 * sessions, sockets and breaker.
 */
export interface ErpPool {
  /** Opens what the set needs and does not have yet. @throws Error when a connection cannot be made */
  sourcesFor(policies: PolicySet): Erps
  /** An ERP that takes orders, by the name of its connection. */
  orderErp(policies: PolicySet, connection: string): OrderErp | undefined
  /** Tells the connections when to keep still, and closes what this set does not need, once the calls that still use it must have ended. */
  keepOnly(policies: PolicySet): void
  close(): Promise<void>
}

/** Longer than any operation may take (api-schema.ts: timeoutMs), so that nothing is cut. */
const DRAIN_MS = 61_000

/** How long a read waits for others to share its call: little beside an ERP's answer time. */
const GATHER_MS = 2

export function createErpPool(deps: {
  clock: Clock
  logger: Logger
  metrics: Metrics
  random(): number
  /** What an ERP bears of us; undefined for whatever it is sent. */
  allowanceFor(settings: ConnectionPolicy, classes: readonly WorkClass[]): ErpAllowance | undefined
}): ErpPool {
  const open = new Map<string, MaintainedConnection>()
  const draining = new Map<ErpConnection, NodeJS.Timeout>()
  const gates = new Map<ErpConnection, Gate>()

  const gateFor = (settings: ConnectionPolicy, classes: readonly WorkClass[]): Gate => {
    const allowance = deps.allowanceFor(settings, classes)
    if (!allowance) return OPEN_GATE
    return createGate(allowance, classes, {
      clock: deps.clock,
      waited: (workClass, seconds) =>
        deps.metrics.erpBudgetWait.observe(
          { connection: settings.name, class: workClass },
          seconds,
        ),
    })
  }

  const connectionFor = (
    settings: ConnectionPolicy,
    { gateway: { workClasses } }: PolicySet,
  ): ErpConnection => {
    const digest = digestOf(settings, workClasses)
    const present = open.get(digest)
    if (present) return present
    const gate = gateFor(settings, workClasses)
    const connection = createConnection(settings, { ...deps, gate })
    const guarded = guardConnection(connection, settings.guard, {
      classes: workClasses,
      clock: deps.clock,
      random: deps.random,
      metrics: guardMetrics(settings.name, deps.metrics),
    })
    const coalesced = coalesceReads(guarded, {
      clock: deps.clock,
      gatherMs: GATHER_MS,
      metrics: coalescingMetrics(settings.name, deps.metrics),
    })
    const made = withMaintenance(coalesced, deps.clock)
    gates.set(made, gate)
    made.maintainDuring(settings.maintenance)
    open.set(digest, made)
    return made
  }

  const shut = async (connection: ErpConnection): Promise<void> => {
    await connection.close()
    await gates.get(connection)?.close()
    gates.delete(connection)
  }

  return {
    sourcesFor(policies) {
      const connections = [...policies.connections.values()]
      const routing = createRouting(
        policies.routes,
        new Map(connections.map(settings => [settings.name, connectionFor(settings, policies)])),
        policies.locations,
      )
      return {
        ...routing,
        erpAt(location) {
          const connection = routing.connectionAt(location)
          return connection && { connection: connection.name, ...connection.capabilities }
        },
      }
    },
    orderErp(policies, name) {
      const settings = policies.connections.get(name)
      const connection = settings && connectionFor(settings, policies)
      return connection?.orders && { orders: connection.orders, ...connection.capabilities }
    },
    keepOnly(policies) {
      const needed = new Set<string>()
      for (const settings of policies.connections.values()) {
        const digest = digestOf(settings, policies.gateway.workClasses)
        needed.add(digest)
        open.get(digest)?.maintainDuring(settings.maintenance)
      }
      for (const [digest, connection] of open) {
        if (needed.has(digest)) continue
        open.delete(digest)
        const timer = setTimeout(() => {
          draining.delete(connection)
          void shut(connection)
        }, DRAIN_MS)
        timer.unref()
        draining.set(connection, timer)
      }
    },
    async close() {
      for (const [connection, timer] of draining) {
        clearTimeout(timer)
        await shut(connection)
      }
      for (const connection of open.values()) await shut(connection)
    },
  }
}

/** Everything but where it is written, and when the ERP is away: that can be told to an open connection. */
const digestOf = (
  { at: _, maintenance: __, ...settings }: ConnectionPolicy,
  classes: readonly WorkClass[],
): string => jsonDigest({ settings, classes })

function guardMetrics(connection: string, metrics: Metrics): GuardMetrics {
  const [inFlight, queued, breaker] = [
    metrics.erpInFlight.labels({ connection }),
    metrics.erpQueued.labels({ connection }),
    metrics.erpBreaker.labels({ connection }),
  ]
  breaker.set(0)
  return {
    called(call, outcome, seconds) {
      metrics.erpCalls.inc({ connection, call, outcome })
      metrics.erpDuration.observe({ connection, call }, seconds)
    },
    inFlight: calls => inFlight.set(calls),
    queued: calls => queued.set(calls),
    breaker: state => breaker.set(state === 'closed' ? 0 : state === 'open' ? 1 : 0.5),
  }
}

const coalescingMetrics = (connection: string, metrics: Metrics): CoalescingMetrics => ({
  asked: (call, keys) => metrics.erpKeysAsked.inc({ connection, call }, keys),
  sent: (call, keys) => metrics.erpBatchSize.observe({ connection, call }, keys),
})
