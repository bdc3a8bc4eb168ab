import type { Place } from '../../kernel/place.ts'
import { asLocationId } from '../../model/brand.ts'
import type { ContractIndex } from '../contract-index.ts'
import type { ApiPolicy, PolicySet, VersionPolicy } from '../policy-set.ts'
import { callersOf, callersOfVersion, idsOf } from './callers.ts'
import { type Change, inOrder, type Rank, type Report, sideBySide } from './change.ts'
import { diffContracts } from './contracts.ts'
import { compareConsumers } from './policies/consumers.ts'
import { compareConnections, servedBy } from './policies/erps.ts'
import { compareGateways } from './policies/gateway.ts'
import { compareLifecycles } from './policies/lifecycles.ts'
import { compareChannels, compareLocations } from './policies/network.ts'
import { compareOperationPolicies, compareScopes } from './policies/operations.ts'
import { comparePlans } from './policies/plans.ts'

/** A policy set with the contracts that it governs. */
export type Governed = { readonly set: PolicySet; readonly contracts: ContractIndex }

/**
 * What changes from one set to another, for whom, and how badly: policies and contracts together.
 *
 * @param now epoch ms: a version whose sunset has passed by then may go
 */
export function diffGoverned(before: Governed, after: Governed, now: number): readonly Change[] {
  return inOrder([...diffContracts(before, after, now), ...diffPolicies(before.set, after.set)])
}

/** What changes in the policies alone. */
export function diffPolicies(before: PolicySet, after: PolicySet): readonly Change[] {
  const everybody = [...after.consumers.keys()]
  return inOrder([
    ...told('gateway', everybody, after.gateway.at, report =>
      compareGateways(before.gateway, after.gateway, report),
    ),
    ...diffEntries('plan', before.plans, after.plans, comparePlans, id => ({
      concerns: idsOf(after.consumers, ({ plan }) => plan.id === id),
      // A plan in use that goes is refused by the check.
      removed: 'safe',
    })),
    ...diffEntries('consumer', before.consumers, after.consumers, compareConsumers, id => ({
      concerns: [id],
      removed: 'breaking',
    })),
    ...diffEntries('location', before.locations, after.locations, compareLocations, id => ({
      concerns: regionals(before, before.locations.get(asLocationId(id))?.region),
      removed: 'breaking',
    })),
    ...diffEntries('channel', before.channels, after.channels, compareChannels, id => ({
      concerns: idsOf(before.consumers, ({ channels }) => channels.has(id)),
      removed: 'breaking',
    })),
    ...diffEntries('connection', before.connections, after.connections, compareConnections, () => ({
      concerns: [],
      removed: 'risky',
    })),
    ...diffEntries(
      'route of',
      servedBy(before.routes),
      servedBy(after.routes),
      (old, now, report) => {
        if (old.connection === now.connection) return
        const message = `was served by ${old.connection}, is now by ${now.connection}`
        report('risky', 'route-changed', message)
      },
      () => ({ concerns: [], removed: 'risky' }),
    ),
    ...[...sideBySide(before.apis, after.apis)].flatMap(([, old, now]) =>
      diffApi(old, now, before, after),
    ),
  ])
}

const regionals = ({ consumers }: PolicySet, region: string | undefined): string[] =>
  idsOf(consumers, ({ regions }) => region !== undefined && regions.has(region))

function diffApi(
  before: ApiPolicy | undefined,
  after: ApiPolicy | undefined,
  old: PolicySet,
  now: PolicySet,
): Change[] {
  const name = (after ?? before)?.id ?? ''
  const changes: Change[] = []
  if (before && after && before.owner.contact !== after.owner.contact) {
    changes.push(
      ...told(name, [], after.at, report =>
        report('safe', 'owner-changed', `ask ${after.owner.contact} now`),
      ),
    )
  }
  const none = new Map<string, VersionPolicy>()
  const versions = sideBySide(before?.versions ?? none, after?.versions ?? none)
  for (const [version, was, is] of versions) {
    changes.push(...diffVersion(`${name} ${version}`, was, is, old, now))
  }
  return changes
}

function diffVersion(
  subject: string,
  before: VersionPolicy | undefined,
  after: VersionPolicy | undefined,
  old: PolicySet,
  now: PolicySet,
): Change[] {
  const version = after ?? before
  if (!version) return []
  const callers = before ? callersOfVersion(old, before) : callersOfVersion(now, version)
  if (!before || !after) {
    // What that means operation by operation stands among the contracts' changes.
    const [rank, rule, message] = after
      ? (['safe', 'version-added', 'is new'] as const)
      : (['breaking', 'version-removed', 'is not governed any more'] as const)
    return told(subject, callers, version.at, report => report(rank, rule, message))
  }
  const changes = told(subject, callers, after.lifecycle.at, report =>
    compareLifecycles(before.lifecycle, after.lifecycle, report),
  )
  for (const [id, was, is] of sideBySide(before.operations, after.operations)) {
    if (!was || !is) continue
    const name = `${subject} ${id}`
    changes.push(
      ...told(name, callersOf(old, was), is.at, report =>
        compareOperationPolicies(was, is, report),
      ),
    )
    compareScopes(was, is, [...now.consumers.values()], (rank, rule, message, concerns) =>
      changes.push({ rank, rule, subject: name, message, concerns, place: is.scopes.at }),
    )
  }
  return changes
}

function* diffEntries<T extends { readonly at: Place }>(
  kind: string,
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  compare: (before: T, after: T, report: Report) => void,
  about: (name: string) => { concerns: readonly string[]; removed: Rank },
): Generator<Change> {
  for (const [name, old, now] of sideBySide(before, after)) {
    const entry = now ?? old
    if (!entry) continue
    const { concerns, removed } = about(name)
    const rule = kind.replaceAll(' ', '-')
    yield* told(`${kind} ${name}`, concerns, entry.at, report => {
      if (!now) report(removed, `${rule}-removed`, 'is gone')
      else if (!old) report('safe', `${rule}-added`, 'is new')
      else compare(old, now, report)
    })
  }
}

/** Collects what a comparison reports of one subject. */
function told(
  subject: string,
  concerns: readonly string[],
  place: Place,
  compare: (report: Report) => void,
): Change[] {
  const changes: Change[] = []
  compare((rank, rule, message) => changes.push({ rank, rule, subject, message, concerns, place }))
  return changes
}
