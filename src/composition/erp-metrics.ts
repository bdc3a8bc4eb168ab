import type { CoalescingMetrics } from '../ports/coalescing-metrics.ts'
import type { GuardMetrics } from '../ports/guard-metrics.ts'
import type { KnowledgeMetrics } from '../ports/knowledge-metrics.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** The figures of one connection, told under its name. */
export function guardMetrics(connection: string, metrics: Metrics): GuardMetrics {
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

export const coalescingMetrics = (connection: string, metrics: Metrics): CoalescingMetrics => ({
  asked: (call, keys) => metrics.erpKeysAsked.inc({ connection, call }, keys),
  sent: (call, keys) => metrics.erpBatchSize.observe({ connection, call }, keys),
})

export const knowledgeMetrics = (connection: string, metrics: Metrics): KnowledgeMetrics => ({
  answered: (kind, outcome, keys) => metrics.erpKnowledge.inc({ connection, kind, outcome }, keys),
  aged: (kind, ms) => metrics.erpKnowledgeAge.observe({ connection, kind }, ms / 1000),
  changed(keys, lagMs) {
    metrics.erpChanges.inc({ connection }, keys)
    metrics.erpChangeLag.observe({ connection }, lagMs / 1000)
  },
})
