import { Compile } from 'typebox/compile'
import { invariant } from '../../kernel/invariant.ts'
import type { ConnectionSettings, PortName } from '../../model/erp-connection.ts'
import type { ErpConnection } from '../../ports/erp.ts'
import type { ConnectorDeps } from '../connector-deps.ts'
import { SapClient } from './client.ts'
import connector from './connector.json' with { type: 'json' }
import { createInventory } from './inventory.ts'
import { createPricing } from './pricing.ts'
import { SapS4Credentials, SapS4Settings } from './settings.ts'

const Settings = Compile(SapS4Settings)
const Credentials = Compile(SapS4Credentials)

/** A connection to one client of an S/4HANA. Nothing is sent before the first call. */
export function createSapS4Connection(
  connection: ConnectionSettings,
  { clock, gate }: Pick<ConnectorDeps, 'clock' | 'gate'>,
): ErpConnection {
  const { name, address, capabilities, timeZone, settings, credentials } = connection
  invariant(Settings.Check(settings), `${name}: settings that are not for S/4HANA`)
  invariant(Credentials.Check(credentials), `${name}: credentials that are not for S/4HANA`)
  const client = new SapClient({
    connection: name,
    address,
    client: settings.client,
    credentials,
    maxSockets: capabilities.maxConcurrency,
    gate,
    clock,
  })
  return {
    name,
    capabilities,
    inventory: createInventory({ client, settings, clock }),
    ...(settings.prices && { pricing: createPricing({ client, settings, timeZone, clock }) }),
    /** Goes through session and database: `$metadata` would come from a cache. */
    ping: call =>
      client.calls.run('ping', call, async exchange => {
        const query = { set: 'A_MaterialStock', filter: "Material eq 'PING'", select: ['Material'] }
        await client.read('API_MATERIAL_STOCK_SRV', [query], exchange)
      }),
    close: () => client.close(),
  }
}

/** How a connection to an S/4HANA is checked and made. */
export const sapS4Connector = {
  settingsSchema: SapS4Settings,
  credentialsSchema: SapS4Credentials,
  secrets: connector.fields.filter(field => field.secret).map(field => field.name),
  /** Prices need the sales area of each channel. */
  offers: (settings: unknown): readonly PortName[] =>
    (settings as SapS4Settings).prices ? ['inventory', 'pricing'] : ['inventory'],
  connect: createSapS4Connection,
}
