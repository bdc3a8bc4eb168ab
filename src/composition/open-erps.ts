import { createConnection } from '../connectors/connectors.ts'
import { guardConnection } from '../connectors/guard.ts'
import { createRouting } from '../connectors/routing.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import type { GuardMetrics } from '../ports/guard-metrics.ts'
import type { PriceSource } from '../ports/price-source.ts'
import type { StockSource } from '../ports/stock-source.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** Every connection of the policies, guarded, behind one source of stock and one of prices. */
export function openErps(
  policies: PolicySet,
  deps: { clock: Clock; logger: Logger; metrics: Metrics; random(): number },
): { stock: StockSource; prices: PriceSource; close(): Promise<void> } {
  const connections = new Map(
    [...policies.connections.values()].map(settings => [
      settings.name,
      guardConnection(createConnection(settings, deps), settings.guard, {
        clock: deps.clock,
        random: deps.random,
        metrics: guardMetrics(settings.name, deps.metrics),
      }),
    ]),
  )
  return {
    ...createRouting(policies.routes, connections, policies.locations),
    async close() {
      for (const connection of connections.values()) await connection.close()
    },
  }
}

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
