import type { TSchema } from 'typebox'
import type { PortName } from '../model/erp-connection.ts'
import type { Path } from './yaml-file.ts'

/** What a connector tells the policy check about itself; `app.ts` gathers these. */
export type ConnectorDescription = {
  readonly settingsSchema: TSchema
  readonly credentialsSchema: TSchema
  /** Members of the credentials that are secrets: they must come from the environment. */
  readonly secrets: readonly string[]
  /** The ports that a connection with these (valid) settings has; all of them where this is absent. */
  offers?(settings: unknown): readonly PortName[]
  /** What the schema cannot say; paths are within `settings`. */
  validateSettings?(
    settings: unknown,
  ): readonly { path: Path; message: string; severity?: 'warning' }[]
  /** What only shows by running it: an expression that never ends. Paths are within `settings`. */
  tryOut?(settings: unknown): Promise<readonly { path: Path; message: string }[]>
}
