import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Gate } from './gate/gate.ts'

/** What every connector is given. */
export type ConnectorDeps = {
  readonly clock: Clock
  readonly logger: Logger
  /** What every HTTP request of the connection passes. */
  readonly gate: Gate
}
