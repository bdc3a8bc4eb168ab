import { didYouMean } from '../suggest.ts'
import type { Rule } from './rule.ts'

/** Every location's stock and every channel's prices come from somewhere, and from one place only. */
export const routes: Rule = ({ set }, findings) => {
  const regions = new Set([...set.locations.values()].map(({ region }) => region))
  const claimed = new Map<string, string>()
  for (const { at, connection, locations, regions: served, channels } of set.routes) {
    const claims = [
      ...(locations ?? []).map(name => ({ kind: 'location', name, known: set.locations.keys() })),
      ...(served ?? []).map(name => ({ kind: 'region', name, known: regions.values() })),
      ...(channels ?? []).map(name => ({ kind: 'channel', name, known: set.channels.keys() })),
    ]
    if (!claims.length)
      findings.error(at, 'empty-route', 'says neither locations, regions nor channels')
    for (const { kind, name, known } of claims) {
      const names = [...known]
      if (!names.includes(name as never)) {
        findings.error(
          at,
          `unknown-${kind}`,
          `there is no ${kind} "${name}"${didYouMean(name, names)}`,
        )
      }
      const key = `${kind} "${name}"`
      const other = claimed.get(key)
      if (other) findings.error(at, 'route-taken', `${key} is already served by "${other}"`)
      claimed.set(key, connection)
    }
  }
  const gateway = set.gateway.at
  for (const { id, region } of set.locations.values()) {
    if (claimed.has(`location "${id}"`) || claimed.has(`region "${region}"`)) continue
    findings.error(
      gateway,
      'location-without-erp',
      `no connection under erps/ serves location "${id}" (region "${region}")`,
    )
  }
  for (const id of set.channels.keys()) {
    if (claimed.has(`channel "${id}"`)) continue
    findings.error(
      gateway,
      'channel-without-erp',
      `no connection under erps/ serves the prices of channel "${id}"`,
    )
  }
}
