import type { TSchema } from 'typebox'
import { invariant } from '../kernel/invariant.ts'
import type { ConnectionSettings, PortName } from '../model/erp-connection.ts'
import type { ErpConnection } from '../ports/erp.ts'
import type { ConnectorDeps } from './connector-deps.ts'
import {
  createDeclarativeConnection,
  tryOutDeclarativeSettings,
  validateDeclarativeSettings,
} from './declarative/connection.ts'
import {
  DECLARATIVE_SECRETS,
  DeclarativeCredentials,
  DeclarativeSettings,
} from './declarative/settings.ts'
import { odooConnector } from './odoo/odoo.ts'
import { sapS4Connector } from './sap-s4/sap-s4.ts'
import { trytonConnector } from './tryton/tryton.ts'

/** A kind of ERP that can be connected: how its policy file is checked, and how a connection is made. */
export type Connector = {
  readonly settingsSchema: TSchema
  readonly credentialsSchema: TSchema
  /** Members of the credentials that are secrets. */
  readonly secrets: readonly string[]
  /** The ports that a connection with these settings has; all where this is absent. */
  offers?(settings: unknown): readonly PortName[]
  validateSettings?(
    settings: unknown,
  ): readonly { path: readonly (string | number)[]; message: string; severity?: 'warning' }[]
  /** What only shows by running it: an expression that never ends. */
  tryOut?(
    settings: unknown,
  ): Promise<readonly { path: readonly (string | number)[]; message: string }[]>
  connect(settings: ConnectionSettings, deps: ConnectorDeps): ErpConnection
}

/** Every connector there is, by the name that policies give in `connector:`. */
export const CONNECTORS: ReadonlyMap<string, Connector> = new Map<string, Connector>([
  [
    'declarative',
    {
      settingsSchema: DeclarativeSettings,
      credentialsSchema: DeclarativeCredentials,
      secrets: DECLARATIVE_SECRETS,
      offers: settings => {
        const { calls } = settings as DeclarativeSettings
        const needed: Readonly<Record<PortName, readonly (keyof typeof calls)[]>> = {
          inventory: ['inventory.readStock'],
          pricing: ['pricing.readPrices'],
          orders: ['orders.find', 'orders.create', 'orders.cancel'],
          movements: ['movements.find', 'movements.create'],
        }
        return (Object.keys(needed) as PortName[]).filter(port =>
          needed[port].every(name => calls[name]),
        )
      },
      validateSettings: validateDeclarativeSettings,
      tryOut: tryOutDeclarativeSettings,
      connect: createDeclarativeConnection,
    },
  ],
  ['odoo', odooConnector],
  ['sap-s4', sapS4Connector],
  ['tryton', trytonConnector],
])

export function createConnection(settings: ConnectionSettings, deps: ConnectorDeps): ErpConnection {
  const connector = CONNECTORS.get(settings.connector)
  invariant(connector, `there is no connector ${settings.connector}`)
  return connector.connect(settings, deps)
}
