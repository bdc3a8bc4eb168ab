import type { SnapshotMeaning } from '../../model/stock-counter.ts'
import type { MovementsPort, OrdersPort } from '../../ports/erp.ts'

/** An ERP that documents are posted to, and how its stock figures are meant. */
export type PostingErp = SnapshotMeaning & {
  readonly orders?: OrdersPort | undefined
  readonly movements?: MovementsPort | undefined
}
