import type { LocationId } from '../../model/brand.ts'
import type { PortName } from '../../model/erp-connection.ts'
import type { ConnectionPolicy, PolicySet } from '../policy-set.ts'
import type { Rule, RuleContext } from './rule.ts'

/** What is to be told to an ERP, it must be able to hear: else it would wait for ever. */
export const writes: Rule = (context, findings) => {
  const { set } = context
  for (const connection of set.connections.values()) {
    if (!connection.movements || offers(connection, 'movements', context)) continue
    const message = `"${connection.name}" as set up takes no movements: leave movements out`
    findings.error(connection.at, 'connection-without-port', message)
  }
  if (!takesOrders(set)) return
  for (const { id, at, pool } of set.channels.values()) {
    const deaf = new Set(
      pool
        .map(location => connectionAt(location, set))
        .filter(connection => connection && !offers(connection, 'orders', context))
        .map(connection => connection?.name),
    )
    for (const name of deaf) {
      const message = `orders of channel "${id}" go to "${name}", which as set up takes none: they would wait there`
      findings.warning(at, 'connection-without-orders', message)
    }
  }
}

const takesOrders = ({ apis }: PolicySet): boolean =>
  [...apis.values()]
    .flatMap(({ versions }) => [...versions.values()])
    .some(({ operations }) => operations.has('createOrder'))

const offers = (
  { connector, settings }: ConnectionPolicy,
  port: PortName,
  { connectors }: RuleContext,
): boolean => connectors.get(connector)?.offers?.(settings).includes(port) ?? true

/** As routing finds it: by the location's name, else by its region. */
function connectionAt(
  location: LocationId,
  { routes, locations, connections }: PolicySet,
): ConnectionPolicy | undefined {
  const region = locations.get(location)?.region ?? ''
  const route =
    routes.find(one => one.locations?.includes(location)) ??
    routes.find(one => one.regions?.includes(region))
  return route && connections.get(route.connection)
}
