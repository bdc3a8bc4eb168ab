import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/**
 * Every metric the gateway exposes. Label values come from contracts, policies and fixed lists,
 * never from what a caller sends, so that nobody can grow the set.
 */
export type Metrics = ReturnType<typeof createMetrics>

const LATENCY_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]

/** @param options `processMetrics: false` leaves Node's own figures out (tests) */
export function createMetrics(options: { processMetrics?: boolean } = {}) {
  const registry = new Registry()
  if (options.processMetrics !== false) collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    requests: new Counter({
      name: 'postern_http_requests_total',
      help: 'Governed calls, by operation, consumer, status and problem code',
      labelNames: ['api', 'version', 'operation', 'consumer', 'status', 'code'],
      registers,
    }),
    duration: new Histogram({
      name: 'postern_http_request_duration_seconds',
      help: 'Time from arrival to the reply being ready',
      labelNames: ['api', 'version', 'operation', 'cache'],
      buckets: LATENCY_BUCKETS,
      registers,
    }),
    decisions: new Counter({
      name: 'postern_stage_decisions_total',
      help: 'What each stage decided; would-refuse is a refusal in shadow mode',
      labelNames: ['operation', 'step', 'decision', 'code'],
      registers,
    }),
    cache: new Counter({
      name: 'postern_cache_requests_total',
      help: 'How cached operations were answered: hit, stale, stale-if-error, miss, collapsed, bypass',
      labelNames: ['operation', 'outcome'],
      registers,
    }),
    /** Reads the response cache's size whenever metrics are asked for. */
    watchCache(cache: { readonly bytes: number; readonly entries: number }): void {
      new Gauge({
        name: 'postern_cache_bytes',
        help: 'Bytes held by the response cache',
        registers,
        collect() {
          this.set(cache.bytes)
        },
      })
      new Gauge({
        name: 'postern_cache_entries',
        help: 'Answers held by the response cache',
        registers,
        collect() {
          this.set(cache.entries)
        },
      })
    },
    /** Counts what ERPs are still to be told whenever metrics are asked for; kept as it was while that cannot be read. */
    watchPostings(
      read: () => Promise<
        readonly {
          readonly connection: string
          readonly kind: string
          readonly state: string
          readonly count: number
        }[]
      >,
    ): void {
      new Gauge({
        name: 'postern_erp_postings',
        help: 'What ERPs are still to be told, by how it stands; DEAD waits for a person',
        labelNames: ['connection', 'kind', 'state'],
        registers,
        async collect() {
          const waiting = await read().catch(() => undefined)
          if (!waiting) return
          this.reset()
          for (const { count, ...labels } of waiting) this.set({ ...labels }, count)
        },
      })
    },
    /** Reads how hard the process is pressed whenever metrics are asked for. */
    watchLoad(load: { readonly pressure: number }): void {
      new Gauge({
        name: 'postern_load_pressure',
        help: 'Work classes that are refused, from the least important on: 0 none, 0.5 half of the last, …',
        registers,
        collect() {
          this.set(load.pressure)
        },
      })
    },
    deprecatedCalls: new Counter({
      name: 'postern_deprecated_calls_total',
      help: 'Calls of deprecated or retired versions: who still has to move',
      labelNames: ['api', 'version', 'operation', 'consumer'],
      registers,
    }),
    invalidResponses: new Counter({
      name: 'postern_response_invalid_total',
      help: 'Answers that broke their own contract',
      labelNames: ['operation', 'mode'],
      registers,
    }),
    inFlight: new Gauge({
      name: 'postern_http_requests_in_flight',
      help: 'Governed calls being worked on',
      registers,
    }),
    limitsDegraded: new Gauge({
      name: 'postern_limits_degraded',
      help: '1 while limits are counted in this process alone because Redis does not answer',
      registers,
    }),
    limitsFallback: new Counter({
      name: 'postern_limits_fallback_total',
      help: 'Limit decisions made in this process because Redis did not answer in time',
      registers,
    }),
    erpCalls: new Counter({
      name: 'postern_erp_calls_total',
      help: 'Calls to ERPs, by how they ended',
      labelNames: ['connection', 'call', 'outcome'],
      registers,
    }),
    erpDuration: new Histogram({
      name: 'postern_erp_call_duration_seconds',
      help: 'Duration of calls to ERPs, waiting in the queue not included',
      labelNames: ['connection', 'call'],
      buckets: LATENCY_BUCKETS,
      registers,
    }),
    erpKeysAsked: new Counter({
      name: 'postern_erp_keys_asked_total',
      help: 'Keys that callers asked a connection for; over the sum of batch sizes: the coalescing ratio',
      labelNames: ['connection', 'call'],
      registers,
    }),
    erpBatchSize: new Histogram({
      name: 'postern_erp_batch_size_keys',
      help: 'Keys in one batch that concurrent callers share',
      labelNames: ['connection', 'call'],
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
      registers,
    }),
    erpInFlight: new Gauge({
      name: 'postern_erp_in_flight',
      help: 'ERP calls under way',
      labelNames: ['connection'],
      registers,
    }),
    erpQueued: new Gauge({
      name: 'postern_erp_queued',
      help: 'ERP calls waiting for a slot',
      labelNames: ['connection'],
      registers,
    }),
    erpBudgetWait: new Histogram({
      name: 'postern_erp_budget_wait_seconds',
      help: 'How long HTTP requests to ERPs waited for room in the budget',
      labelNames: ['connection', 'class'],
      buckets: LATENCY_BUCKETS,
      registers,
    }),
    erpKnowledge: new Counter({
      name: 'postern_erp_knowledge_keys_total',
      help: 'Keys of reads, by how they were answered: known, shared (by another process), asked, overdue',
      labelNames: ['connection', 'kind', 'outcome'],
      registers,
    }),
    erpKnowledgeAge: new Histogram({
      name: 'postern_erp_knowledge_age_seconds',
      help: 'How long ago what was answered from memory was known to be so',
      labelNames: ['connection', 'kind'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600],
      registers,
    }),
    erpChanges: new Counter({
      name: 'postern_erp_changes_total',
      help: 'Changes that ERPs told of',
      labelNames: ['connection'],
      registers,
    }),
    erpChangeLag: new Histogram({
      name: 'postern_erp_change_lag_seconds',
      help: 'How long ago a change can have happened at most when we heard of it',
      labelNames: ['connection'],
      buckets: LATENCY_BUCKETS,
      registers,
    }),
    erpBreaker: new Gauge({
      name: 'postern_erp_breaker_open',
      help: '1 while the breaker of a connection is open, 0.5 while it is half open',
      labelNames: ['connection'],
      registers,
    }),
    policyReloads: new Counter({
      name: 'postern_policy_reloads_total',
      help: 'Edits of the policy folder: applied whole, or rejected',
      labelNames: ['outcome'],
      registers,
    }),
    policyRejected: new Gauge({
      name: 'postern_policy_rejected',
      help: '1 while the latest edit of the policies could not be used and an older set governs',
      registers,
    }),
    policySet: new Gauge({
      name: 'postern_policy_set_info',
      help: 'The policy set in force, as a label',
      labelNames: ['revision'],
      registers,
    }),
  }
}
