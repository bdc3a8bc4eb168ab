import type { UpstreamFailure } from '../kernel/upstream-failure.ts'
import type { ErpStock, StockKey } from '../model/stock.ts'
import type { ErpCall } from './erp.ts'

/** Stock of any key, from whichever ERP serves its location. */
export interface StockSource {
  /**
   * @param keys distinct, any number, any locations
   * @returns one row per key that an ERP knows, in any order, and what could not be asked
   * @throws the signal's reason when the call was given up; a failed ERP is a value, not an error
   */
  readStock(keys: readonly StockKey[], call: ErpCall): Promise<StockReading>
}

export type StockReading = {
  readonly rows: readonly ErpStock[]
  /** The keys that have no answer, by the failure that left them without one. */
  readonly failures: readonly StockFailure[]
}

export type StockFailure = { readonly keys: readonly StockKey[]; readonly failure: UpstreamFailure }
