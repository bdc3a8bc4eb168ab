import type { Place } from '../../kernel/place.ts'
import type { PortName } from '../../model/erp-connection.ts'
import type { Findings } from '../finding.ts'
import type { RoutePolicy } from '../policy-set.ts'
import { didYouMean } from '../suggest.ts'
import type { Rule, RuleContext } from './rule.ts'

type Claim = { kind: 'location' | 'region' | 'channel'; name: string; route: RoutePolicy }

/** Every location's stock and every channel's prices come from somewhere, and from one place only. */
export const routes: Rule = (context, findings) => {
  const { set, incomplete } = context
  const claimed = new Map<string, Claim>()
  for (const claim of set.routes.flatMap(claimsOf)) {
    const key = `${claim.kind} "${claim.name}"`
    const other = claimed.get(key)
    if (other) {
      const message = `${key} is already served by "${other.route.connection}"`
      findings.error(claim.route.at, 'route-taken', message)
    } else {
      claimed.set(key, claim)
    }
    mustExist(claim, context, findings)
    mustBeOffered(claim, context, findings)
  }
  for (const route of set.routes) {
    if (claimsOf(route).length) continue
    findings.error(route.at, 'empty-route', 'says neither locations, regions nor channels')
  }
  if (incomplete.has('erps')) return
  const mustBeServed = (at: Place, rule: string, what: string, ...keys: string[]) => {
    if (keys.some(key => claimed.has(key))) return
    findings.error(at, rule, `no connection under erps/ serves ${what}`)
  }
  for (const { id, at, region } of set.locations.values()) {
    const key = `location "${id}"`
    mustBeServed(at, 'location-without-erp', `${key}`, key, `region "${region}"`)
  }
  for (const { id, at } of set.channels.values()) {
    const key = `channel "${id}"`
    mustBeServed(at, 'channel-without-erp', `the prices of ${key}`, key)
  }
}

const claimsOf = (route: RoutePolicy): Claim[] => [
  ...(route.locations ?? []).map(name => ({ kind: 'location' as const, name, route })),
  ...(route.regions ?? []).map(name => ({ kind: 'region' as const, name, route })),
  ...(route.channels ?? []).map(name => ({ kind: 'channel' as const, name, route })),
]

function mustExist({ kind, name, route }: Claim, { set }: RuleContext, findings: Findings): void {
  const known: Readonly<Record<Claim['kind'], ReadonlySet<string>>> = {
    location: new Set(set.locations.keys()),
    region: new Set([...set.locations.values()].map(({ region }) => region)),
    channel: new Set(set.channels.keys()),
  }
  if (known[kind].has(name)) return
  const message = `there is no ${kind} "${name}"${didYouMean(name, known[kind])}`
  findings.error(route.at, `unknown-${kind}`, message)
}

/** Stock is asked for by location and region, prices by channel. */
function mustBeOffered(
  { kind, name, route }: Claim,
  { set, connectors }: RuleContext,
  findings: Findings,
): void {
  const connection = set.connections.get(route.connection)
  if (!connection) return
  const port: PortName = kind === 'channel' ? 'pricing' : 'inventory'
  const offered = connectors.get(connection.connector)?.offers?.(connection.settings)
  if (!offered || offered.includes(port)) return
  findings.error(
    route.at,
    'connection-without-port',
    `${kind} "${name}" needs ${port}, which "${connection.name}" as set up does not offer` +
      (offered.length ? `; it offers ${offered.join(', ')}` : ''),
  )
}
