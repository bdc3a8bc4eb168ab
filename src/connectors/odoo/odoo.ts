import { Compile } from 'typebox/compile'
import { invariant } from '../../kernel/invariant.ts'
import type { ConnectionSettings, PortName } from '../../model/erp-connection.ts'
import type { ErpConnection } from '../../ports/erp.ts'
import type { ConnectorDeps } from '../connector-deps.ts'
import { OdooClient } from './client.ts'
import connector from './connector.json' with { type: 'json' }
import { createInventory } from './inventory.ts'
import { createPricing } from './pricing.ts'
import { PROBE } from './session.ts'
import { OdooCredentials, OdooSettings } from './settings.ts'

const Settings = Compile(OdooSettings)
const Credentials = Compile(OdooCredentials)

/** A connection to one company of an Odoo database. Nothing is sent before the first call. */
export function createOdooConnection(
  connection: ConnectionSettings,
  { clock, gate }: Pick<ConnectorDeps, 'clock' | 'gate'>,
): ErpConnection {
  const { name, address, capabilities, settings, credentials } = connection
  invariant(Settings.Check(settings), `${name}: settings that are not for Odoo`)
  invariant(Credentials.Check(credentials), `${name}: credentials that are not for Odoo`)
  const { maxConcurrency: maxSockets, quantitySemantics } = capabilities
  const options = { connection: name, address, settings, credentials, maxSockets, gate, clock }
  const client = new OdooClient(options)
  return {
    name,
    capabilities,
    inventory: createInventory({ client, settings, quantitySemantics, clock }),
    ...(settings.priceLists && { pricing: createPricing({ client, settings, clock }) }),
    /** Goes through key and database: `common.version` would answer without either. */
    ping: call =>
      client.calls.run('ping', call, async exchange => {
        await client.read(PROBE, {}, exchange)
      }),
    close: () => client.close(),
  }
}

/** How a connection to an Odoo is checked and made. */
export const odooConnector = {
  settingsSchema: OdooSettings,
  credentialsSchema: OdooCredentials,
  secrets: connector.fields.filter(field => field.secret).map(field => field.name),
  /** Prices need a price list for each channel. */
  offers: (settings: unknown): readonly PortName[] =>
    (settings as OdooSettings).priceLists ? ['inventory', 'pricing'] : ['inventory'],
  connect: createOdooConnection,
}
