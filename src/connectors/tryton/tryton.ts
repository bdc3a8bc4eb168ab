import { Compile } from 'typebox/compile'
import { invariant } from '../../kernel/invariant.ts'
import type { ConnectionSettings, PortName } from '../../model/erp-connection.ts'
import type { ErpConnection } from '../../ports/erp.ts'
import type { ConnectorDeps } from '../connector-deps.ts'
import { TrytonClient } from './client.ts'
import connector from './connector.json' with { type: 'json' }
import { createInventory } from './inventory.ts'
import { createMovements } from './movements.ts'
import { createOrders } from './orders.ts'
import { createPricing } from './pricing.ts'
import { createReferenceData } from './reference-data.ts'
import { REFERENCE_TTL_SECONDS, TrytonCredentials, TrytonSettings } from './settings.ts'

const Settings = Compile(TrytonSettings)
const Credentials = Compile(TrytonCredentials)

/** A connection to one database of a Tryton 6.0 server. Nothing is sent before the first call. */
export function createTrytonConnection(
  connection: ConnectionSettings,
  { clock, gate }: Pick<ConnectorDeps, 'clock' | 'gate'>,
): ErpConnection {
  const { name, address, capabilities, timeZone, baseCurrency, settings, credentials } = connection
  invariant(Settings.Check(settings), `${name}: settings that are not for Tryton`)
  invariant(Credentials.Check(credentials), `${name}: credentials that are not for Tryton`)
  const client = new TrytonClient({
    connection: name,
    address,
    database: settings.database,
    credentials,
    maxSockets: capabilities.maxConcurrency,
    gate,
    clock,
  })
  const ttlMs = (settings.referenceTtlSeconds ?? REFERENCE_TTL_SECONDS) * 1000
  const reference = createReferenceData(client, ttlMs)
  const deps = { client, reference, settings, timeZone, baseCurrency, clock }
  return {
    name,
    // A sale has one warehouse.
    capabilities: { ...capabilities, oneLocationPerOrder: true },
    inventory: createInventory({ ...deps, quantitySemantics: capabilities.quantitySemantics }),
    ...(settings.priceLists && { pricing: createPricing(deps) }),
    ...(settings.orders && {
      orders: createOrders({ ...deps, settings: { ...settings, orders: settings.orders } }),
    }),
    movements: createMovements(deps),
    /** Goes through session and database: `common.server.version` would answer without either. */
    ping: call =>
      client.calls.run('ping', call, async exchange => {
        await client.read('model.ir.lang.search_count', [[['code', '=', 'en']]], {}, exchange)
      }),
    close: () => client.close(),
  }
}

/** How a connection to a Tryton is checked and made. */
export const trytonConnector = {
  settingsSchema: TrytonSettings,
  credentialsSchema: TrytonCredentials,
  secrets: connector.fields.filter(field => field.secret).map(field => field.name),
  /** Prices need a price list for each channel, orders a customer. */
  offers(settings: unknown): readonly PortName[] {
    const { priceLists, orders } = settings as TrytonSettings
    return [
      'inventory',
      'movements',
      ...(priceLists ? (['pricing'] as const) : []),
      ...(orders ? (['orders'] as const) : []),
    ]
  },
  connect: createTrytonConnection,
}
