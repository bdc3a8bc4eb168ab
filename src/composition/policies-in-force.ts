import type { Gateway } from '../gateway/gateway.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { AuditEntry } from '../model/audit.ts'
import { RANKS } from '../policy/diff/change.ts'
import { diffPolicies } from '../policy/diff/diff.ts'
import { type Finding, findingText } from '../policy/finding.ts'
import type { LoadResult } from '../policy/load.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import type { Refusal } from '../policy/transitions/transition.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** How the policies stand: what is in force, and what became of the latest edit. */
export type PolicyStatus = {
  readonly revision: string
  /** ISO instant. */
  readonly inForceSince: string
  /** The latest edit that could not be used; undefined when what is in force is what the folder says. */
  readonly rejected: { readonly at: string; readonly findings: readonly Finding[] } | undefined
}

/** The one policy set that governs, replaced whole. */
export interface PoliciesInForce {
  readonly policies: PolicySet
  readonly status: PolicyStatus
  /** Governs each call by the set that is in force when the call arrives. */
  readonly gateway: Gateway
  /** Loads the folder again: the set that results takes over, or nothing changes. */
  reload(): Promise<void>
  /** Waits for nothing any more. */
  close(): Promise<void>
}

type Governed = { readonly policies: PolicySet; readonly gateway: Gateway }

export type InForceDeps = {
  /** Reads and checks the folder. */
  load(): Promise<LoadResult>
  /** Builds a gateway from a set; throws when it cannot. */
  compile(policies: PolicySet): Gateway
  /** Whether a sound set may take over now. */
  refuse(before: PolicySet, after: PolicySet): Promise<Refusal | undefined>
  /** Told after a set has taken over. */
  settled(policies: PolicySet): void
  audit(entry: AuditEntry): void
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

/** @param first the set to start with */
export function createPoliciesInForce(first: PolicySet, deps: InForceDeps): PoliciesInForce {
  const { clock, logger, metrics } = deps
  let current: Governed = { policies: first, gateway: deps.compile(first) }
  let status: PolicyStatus = inForce(first, clock.now())
  let waiting = new AbortController()
  announce(first, metrics)
  deps.audit(recordOf('policies.started', undefined, first))

  const reject = (findings: readonly Finding[]): void => {
    status = { ...status, rejected: { at: new Date(clock.now()).toISOString(), findings } }
    metrics.policyReloads.inc({ outcome: 'rejected' })
    metrics.policyRejected.set(1)
    logger.error(
      { policyRevision: status.revision, findings: findings.map(findingText) },
      'an edit of the policies cannot be used: nothing changes',
    )
    deps.audit({
      action: 'policies.rejected',
      who: 'the policy folder',
      subject: 'policies',
      from: status.revision,
      detail: { findings: findings.slice(0, MAX_AUDITED).map(findingText) },
    })
  }

  const apply = (policies: PolicySet): void => {
    const before = current.policies
    // One assignment: a call is judged by the old set or by the new one, never by half of each.
    current = { policies, gateway: deps.compile(policies) }
    status = inForce(policies, clock.now())
    announce(policies, metrics)
    metrics.policyReloads.inc({ outcome: 'applied' })
    metrics.policyRejected.set(0)
    logger.info({ from: before.revision, policyRevision: policies.revision }, 'policies replaced')
    for (const name of needRestart(before, policies)) {
      logger.warn({ setting: name }, `gateway.yaml: ${name} takes effect at the next start`)
    }
    deps.audit(recordOf('policies.applied', before, policies))
    deps.settled(policies)
  }

  /** The same edit passes when its time has come: nobody has to touch the folder again. */
  const tryAgainAt = (instant: number): void => {
    const delay = Math.max(0, instant - clock.now())
    clock.sleep(Math.min(delay, MAX_WAIT_MS), waiting.signal).then(
      () => reload(),
      () => {},
    )
  }

  const reload = async (): Promise<void> => {
    waiting.abort()
    waiting = new AbortController()
    const result = await deps.load()
    if (!result.ok) return reject(result.findings)
    if (result.set.revision === current.policies.revision) {
      // Put back as it was.
      status = { ...status, rejected: undefined }
      metrics.policyRejected.set(0)
      return
    }
    const refusal = await deps.refuse(current.policies, result.set)
    if (refusal) {
      reject(refusal.findings)
      if (refusal.until !== undefined) tryAgainAt(refusal.until)
      return
    }
    try {
      apply(result.set)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      reject([{ place: result.set.gateway.at, severity: 'error', rule: 'compile', message }])
    }
  }

  return {
    get policies() {
      return current.policies
    },
    get status() {
      return status
    },
    gateway: {
      serves: url => current.gateway.serves(url),
      handle: call => current.gateway.handle(call),
    },
    reload,
    async close() {
      waiting.abort()
    },
  }
}

/** Timers hold no longer than this; a freeze of months is looked at once a day. */
const MAX_WAIT_MS = 86_400_000
const MAX_AUDITED = 20

const inForce = ({ revision }: PolicySet, now: number): PolicyStatus => ({
  revision,
  inForceSince: new Date(now).toISOString(),
  rejected: undefined,
})

function announce({ revision }: PolicySet, metrics: Metrics): void {
  metrics.policySet.reset()
  metrics.policySet.set({ revision }, 1)
}

function recordOf(action: string, before: PolicySet | undefined, after: PolicySet): AuditEntry {
  const { freezeOverride } = after.gateway
  const changes = before ? diffPolicies(before, after) : []
  return {
    action,
    who: freezeOverride?.by ?? 'the policy folder',
    subject: 'policies',
    from: before?.revision,
    to: after.revision,
    detail: {
      ...(freezeOverride && { forced: freezeOverride.reason }),
      ...Object.fromEntries(
        RANKS.map(rank => [rank, changes.filter(change => change.rank === rank).length]),
      ),
      changes: changes
        .slice(0, MAX_AUDITED)
        .map(({ rank, subject, message }) => `${rank}: ${subject}: ${message}`),
    },
  }
}

/** What was fixed when the listeners were opened and the keys were read. */
function needRestart(before: PolicySet, after: PolicySet): string[] {
  const changed: string[] = []
  const differs = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b)
  if (differs(before.gateway.listener, after.gateway.listener)) changed.push('listener')
  if (before.gateway.cache.maxBytes !== after.gateway.cache.maxBytes) changed.push('cache.maxBytes')
  const [old, now] = [before.gateway.ownIssuer, after.gateway.ownIssuer]
  if (old.algorithm !== now.algorithm) changed.push('ownIssuer.algorithm')
  if (old.rotationOverlapSeconds !== now.rotationOverlapSeconds) {
    changed.push('ownIssuer.rotationOverlapSeconds')
  }
  return changed
}
