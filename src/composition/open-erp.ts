import { coalesceReads } from '../connectors/coalescing.ts'
import { createConnection } from '../connectors/connectors.ts'
import { createGate, type Gate, OPEN_GATE } from '../connectors/gate/gate.ts'
import { guardConnection } from '../connectors/guard.ts'
import { type ChangedThings, type Follower, followErp } from '../connectors/knowledge/follow.ts'
import { createKnowledge, type Knowledge } from '../connectors/knowledge/knowledge.ts'
import { type MaintainedConnection, withMaintenance } from '../connectors/maintenance.ts'
import { jsonDigest } from '../kernel/canonical-json.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { KnowledgeSettings } from '../model/erp-connection.ts'
import { OWN_CALLS, type WorkClass } from '../model/work-class.ts'
import type { ConnectionPolicy } from '../policy/policy-set.ts'
import type { ErpAllowance } from '../ports/erp-allowance.ts'
import { createRedisKnowledge } from '../store/redis-knowledge.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { SharedState } from './erp-allowances.ts'
import { coalescingMetrics, guardMetrics, knowledgeMetrics } from './erp-metrics.ts'

/** One ERP, with everything that stands between it and us. */
export type OpenErp = {
  readonly connection: MaintainedConnection
  /** What it has said; undefined where that is not remembered. */
  readonly knowledge: Knowledge | undefined
  readonly follower: Follower | undefined
  close(): Promise<void>
}

export type OpenErpDeps = {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  random(): number
  /** What an ERP bears of us; undefined for whatever it is sent. */
  allowanceFor(settings: ConnectionPolicy, classes: readonly WorkClass[]): ErpAllowance | undefined
  /** What other processes know, and how they are told; undefined where this one is alone. */
  readonly shared: SharedState | undefined
  /** Told of what is not at an ERP any more as it was. */
  changed(connection: string, things: ChangedThings): void
}

/** How long a read waits for others to share its call: little beside an ERP's answer time. */
const GATHER_MS = 2

/**
 * Outermost first: what is known, maintenance, shared calls, the guard, the connector, and the gate that each
 * of its HTTP requests passes.
 *
 * @throws Error when the connection cannot be made
 */
export function openErp(
  settings: ConnectionPolicy,
  classes: readonly WorkClass[],
  deps: OpenErpDeps,
): OpenErp {
  const { clock, metrics, random } = deps
  const gate = gateFor(settings, classes, deps)
  const guarded = guardConnection(createConnection(settings, { ...deps, gate }), settings.guard, {
    classes,
    clock,
    random,
    metrics: guardMetrics(settings.name, metrics),
  })
  const coalesced = coalesceReads(guarded, {
    clock,
    gatherMs: GATHER_MS,
    maxUnderWay: settings.guard.maxConcurrency,
    metrics: coalescingMetrics(settings.name, metrics),
  })
  const connection = withMaintenance(coalesced, clock)
  connection.maintainDuring(settings.maintenance)
  const knowledge = settings.knowledge && knowledgeOf(settings, settings.knowledge, deps)
  const follower = knowledge && follow(connection, knowledge, settings, deps)
  return {
    connection,
    knowledge,
    follower,
    async close() {
      await follower?.close()
      await connection.close()
      await gate.close()
    },
  }
}

function gateFor(
  settings: ConnectionPolicy,
  classes: readonly WorkClass[],
  { allowanceFor, clock, metrics }: OpenErpDeps,
): Gate {
  const allowance = allowanceFor(settings, classes)
  if (!allowance) return OPEN_GATE
  const connection = settings.name
  return createGate(allowance, classes, {
    clock,
    waited: (workClass, seconds) =>
      metrics.erpBudgetWait.observe({ connection, class: workClass }, seconds),
  })
}

const follow = (
  connection: MaintainedConnection,
  knowledge: Knowledge,
  settings: ConnectionPolicy,
  { clock, logger, changed, shared }: OpenErpDeps,
): Follower =>
  followErp({
    connection,
    knowledge,
    pollMs: settings.knowledge?.pollMs,
    // All callers profit from it; what is set aside for a class it leaves alone.
    workClass: OWN_CALLS,
    clock,
    logger,
    changed: things => changed(settings.name, things),
    circle: shared?.channels.channel(`erp:${settings.name}`),
  })

function knowledgeOf(
  settings: ConnectionPolicy,
  remembered: KnowledgeSettings,
  { clock, metrics, shared }: OpenErpDeps,
): Knowledge {
  const version = jsonDigest(settings.settings).slice(0, 12)
  return createKnowledge(
    remembered,
    knowledgeMetrics(settings.name, metrics),
    kind =>
      shared &&
      createRedisKnowledge({
        redis: shared.redis,
        clock,
        // Another mapping may read the same answers differently.
        scope: `${settings.name}:${version}:${kind}`,
        keepMs: remembered[kind === 'stock' ? 'stock' : 'prices'].overdueSeconds * 1000 + 1,
        claimMs: settings.guard.timeoutMs,
      }),
  )
}
