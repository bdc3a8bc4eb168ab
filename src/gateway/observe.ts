import type { Counter } from 'prom-client'
import type { Metrics } from '../telemetry/metrics.ts'
import { accessLine } from './access-line.ts'
import type { Load } from './load.ts'
import type { Plan } from './plan.ts'
import type { RecentDecisions } from './recent-decisions.ts'
import type { Observation, ObservedSettings } from './steps/observed.ts'
import type { Verdict } from './trail.ts'

export type ObserveDeps = {
  readonly metrics: Metrics
  readonly load: Load
  readonly log: { access(line: object): void }
  readonly revision: string
  readonly recent: RecentDecisions
  /** The share of successful calls that get a log line, 0 … 1; refusals and errors always do. */
  readonly sampleSuccesses: number
  random(): number
}

/** Reports calls to one operation (or, without a plan, to none) to the metrics, the ring of recent decisions and the access log. */
export function observe(
  plan: Plan | undefined,
  deps: ObserveDeps,
): Omit<ObservedSettings, 'clock'> {
  const { metrics, log } = deps
  const contract = plan?.contract
  const labels = {
    api: contract?.api ?? 'none',
    version: contract?.version ?? 'none',
    operation: contract?.operationId ?? 'none',
  }
  const passed = new WeakMap<Verdict, Counter.Internal>()
  /** What a call passed is the same few verdicts every time, bound once; a refusal carries its code. */
  const count = (verdict: Verdict, code: string): void => {
    const { step, decision } = verdict
    const { operation } = labels
    if (decision === 'refuse' || decision === 'would-refuse') {
      metrics.decisions.inc({ operation, step, decision, code })
      return
    }
    let bound = passed.get(verdict)
    if (!bound) {
      bound = metrics.decisions.labels({ operation, step, decision, code: 'none' })
      passed.set(verdict, bound)
    }
    bound.inc()
  }
  return {
    arrived() {
      metrics.inFlight.inc()
      deps.load.arrived()
    },
    answered(observation) {
      metrics.inFlight.dec()
      deps.load.left()
      const { principal, reply, code, cache, durationMs, exchange } = observation
      const consumer = principal?.consumer.id ?? 'none'
      metrics.requests.inc({ ...labels, consumer, status: String(reply.status), code })
      metrics.duration.observe({ ...labels, cache }, durationMs / 1000)
      for (const verdict of exchange.trail) count(verdict, code)
      deps.recent.add({
        correlationId: exchange.id,
        receivedAt: new Date(exchange.receivedAt).toISOString(),
        policyRevision: deps.revision,
        method: exchange.method,
        operation: contract?.operationId,
        consumer: principal?.consumer.id,
        status: reply.status,
        code,
        durationMs,
        trail: exchange.trail,
      })
      if (isSuccess(observation) && deps.random() >= deps.sampleSuccesses) return
      log.access(accessLine(observation, contract, deps))
    },
  }
}

const isSuccess = ({ reply, code }: Observation): boolean => reply.status < 400 && code === 'none'
