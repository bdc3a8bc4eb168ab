import type { SnapshotMeaning } from '../model/stock-counter.ts'

/** The ERP that states the stock of a location, and what it is told of it. */
export type ErpPlace = SnapshotMeaning & {
  readonly connection: string
  /** An order there is of one location. */
  readonly oneLocationPerOrder?: boolean | undefined
  /** Whose movements it does not learn by itself; nobody's when absent. */
  readonly toldMovementsOf?: 'all' | readonly string[] | undefined
}
