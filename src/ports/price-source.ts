import type { UpstreamFailure } from '../kernel/upstream-failure.ts'
import type { ErpPrice, PriceKey } from '../model/price.ts'
import type { ErpCall } from './erp.ts'

/** Prices of any key, from whichever ERP serves its channel. */
export interface PriceSource {
  /**
   * @param keys distinct, any number, any channels
   * @returns every row (scale step, validity window) that may apply to a key, and what could not be asked
   * @throws the signal's reason when the call was given up; a failed ERP is a value, not an error
   */
  readPrices(keys: readonly PriceKey[], call: ErpCall): Promise<PriceReading>
}

export type PriceReading = {
  readonly rows: readonly ErpPrice[]
  /** The keys that have no answer, by the failure that left them without one. */
  readonly failures: readonly PriceFailure[]
}

export type PriceFailure = { readonly keys: readonly PriceKey[]; readonly failure: UpstreamFailure }
