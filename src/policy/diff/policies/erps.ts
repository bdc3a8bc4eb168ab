import type { ConnectionPolicy, RoutePolicy } from '../../policy-set.ts'
import type { Report } from '../change.ts'
import { textOf } from '../text-of.ts'

/** Parts of a connection whose change is told, and what it means; never their values: an address may hold a secret. */
const PARTS: Readonly<Record<string, string>> = {
  connector: 'is spoken to by another connector',
  address: 'stands at another address',
  capabilities: 'is said to be capable of something else',
  guard: 'is protected differently',
  timeZone: 'keeps another time zone',
  baseCurrency: 'keeps its books in another currency',
  settings: 'is set up differently',
  budget: 'bears another number of calls',
  maintenance: 'is away at other times',
}

/** Compares how one ERP is reached and protected. */
export function compareConnections(
  before: ConnectionPolicy,
  after: ConnectionPolicy,
  report: Report,
): void {
  const [old, now] = [{ ...before }, { ...after }] as Record<string, unknown>[]
  for (const [part, meaning] of Object.entries(PARTS)) {
    if (textOf(old?.[part]) === textOf(now?.[part])) continue
    report('risky', 'connection-changed', `${meaning} (${part})`)
  }
  if (textOf(before.credentials) !== textOf(after.credentials)) {
    report('risky', 'connection-changed', 'is logged on to with other credentials')
  }
}

/** Which connection serves each location, region and channel: `region eu-west` → `sandbox`. */
export function servedBy(routes: readonly RoutePolicy[]): ReadonlyMap<string, RoutePolicy> {
  return new Map(
    routes.flatMap(route =>
      [
        ...(route.locations ?? []).map(name => `location ${name}`),
        ...(route.regions ?? []).map(name => `region ${name}`),
        ...(route.channels ?? []).map(name => `channel ${name}`),
      ].map(claim => [claim, route] as const),
    ),
  )
}
