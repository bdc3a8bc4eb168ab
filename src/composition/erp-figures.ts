import type { MetricObject, MetricValue } from 'prom-client'
import type { PolicySet } from '../policy/policy-set.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** What an operator wants to see of one ERP, from the metrics of this process. */
export type ErpFigures = {
  readonly connection: string
  readonly budget: { readonly perSecond?: number | undefined; readonly perDay?: number | undefined }
  readonly breaker: 'closed' | 'half-open' | 'open'
  readonly inFlight: number
  readonly queued: number
  /** Calls so far, by the port's call and how they ended. */
  readonly calls: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Keys asked for, over keys sent: above 1, calls were shared. */
  readonly coalescingRatio: number | undefined
  readonly meanBatchSize: number | undefined
  /** Of all keys that were read: answered from what was known. */
  readonly knownRatio: number | undefined
  /** … and from what another process knew. */
  readonly sharedRatio: number | undefined
  readonly overdueKeys: number
  /** How old what was answered from memory was, seconds. */
  readonly staleness: Percentiles | undefined
  /** Requests that waited for the budget, seconds. */
  readonly budgetWait: Percentiles | undefined
  /** How old a change can have been when we heard of it, seconds. */
  readonly changeLag: Percentiles | undefined
}

/** Upper bounds, from the buckets of a histogram. */
type Percentiles = { readonly p50: number | undefined; readonly p99: number | undefined }

export async function erpFigures(
  policies: PolicySet,
  metrics: Metrics,
): Promise<readonly ErpFigures[]> {
  const [calls, inFlight, queued, breaker, asked, batches, known, waits, lags, ages] =
    await Promise.all([
      metrics.erpCalls.get(),
      metrics.erpInFlight.get(),
      metrics.erpQueued.get(),
      metrics.erpBreaker.get(),
      metrics.erpKeysAsked.get(),
      metrics.erpBatchSize.get(),
      metrics.erpKnowledge.get(),
      metrics.erpBudgetWait.get(),
      metrics.erpChangeLag.get(),
      metrics.erpKnowledgeAge.get(),
    ])
  return [...policies.connections.values()].map(({ name: connection, budget = {} }) => {
    const of = (metric: Values) =>
      metric.values.filter(({ labels }) => labels.connection === connection)
    const sum = (values: Values['values']) => values.reduce((all, { value }) => all + value, 0)
    const named = (values: Values['values'], suffix: string) =>
      values.filter(({ metricName = '' }) => metricName.endsWith(suffix))
    const byCall: Record<string, Record<string, number>> = {}
    for (const { labels, value } of of(calls)) {
      const call = String(labels.call)
      byCall[call] = { ...byCall[call], [String(labels.outcome)]: value }
    }
    const keysSent = sum(named(of(batches), '_sum'))
    const outcome = (name: string) => sum(of(known).filter(({ labels }) => labels.outcome === name))
    return {
      connection,
      budget,
      breaker: breakerState(sum(of(breaker))),
      inFlight: sum(of(inFlight)),
      queued: sum(of(queued)),
      calls: byCall,
      coalescingRatio: ratio(sum(of(asked)), keysSent),
      meanBatchSize: ratio(keysSent, sum(named(of(batches), '_count'))),
      knownRatio: ratio(outcome('known'), sum(of(known))),
      sharedRatio: ratio(outcome('shared'), sum(of(known))),
      overdueKeys: outcome('overdue'),
      staleness: percentiles(of(ages)),
      budgetWait: percentiles(of(waits)),
      changeLag: percentiles(of(lags)),
    }
  })
}

type Values = {
  values: readonly (MetricValue<string> & { readonly metricName?: string })[]
} & Partial<MetricObject>

const breakerState = (value: number): ErpFigures['breaker'] =>
  value === 0 ? 'closed' : value === 1 ? 'open' : 'half-open'

const ratio = (of: number, by: number): number | undefined =>
  by === 0 ? undefined : Math.round((of / by) * 1000) / 1000

/** The bucket bound under which a share of all observations lies, over all label values. */
function percentiles(values: Values['values']): Percentiles | undefined {
  const counts = new Map<number, number>()
  for (const { labels, value, metricName = '' } of values) {
    if (!metricName.endsWith('_bucket')) continue
    const bound = Number(labels.le === '+Inf' ? Number.POSITIVE_INFINITY : labels.le)
    counts.set(bound, (counts.get(bound) ?? 0) + value)
  }
  const bounds = [...counts.keys()].sort((a, b) => a - b)
  const all = counts.get(Number.POSITIVE_INFINITY) ?? 0
  if (all === 0) return undefined
  const at = (share: number) => {
    const bound = bounds.find(le => (counts.get(le) ?? 0) >= share * all)
    return bound !== undefined && Number.isFinite(bound) ? bound : undefined
  }
  return { p50: at(0.5), p99: at(0.99) }
}
