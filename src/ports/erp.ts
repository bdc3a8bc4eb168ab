import type { ErpCapabilities } from '../model/erp-connection.ts'
import type { ErpPrice, PriceKey } from '../model/price.ts'
import type { ErpStock, StockKey } from '../model/stock.ts'

/** What a call to an ERP carries besides its content. */
export type ErpCall = {
  /** Ends with the request, its deadline, or shutdown. */
  readonly signal: AbortSignal
  /** On the monotonic clock, ms. A connector must not start what cannot end by then. */
  readonly deadlineAt: number
  /** Copied into the ERP call, so that both sides' logs meet. */
  readonly correlationId: string
  /** W3C Trace Context header value of the span that the ERP call is a child of. */
  readonly traceparent?: string
  /** Which traffic this is, for the connection's budget: `till`, `checkout`, `browse`, `partner`, `batch`. */
  readonly workClass: string
}

/** Stock reads. */
export interface InventoryPort {
  /**
   * @param keys distinct, at most `capabilities.maxStockKeys`
   * @returns one row per key the ERP knows, in any order; an unknown SKU is absent, never 0
   * @throws UpstreamFailure
   */
  readStock(keys: readonly StockKey[], call: ErpCall): Promise<readonly ErpStock[]>
}

/** Price reads. */
export interface PricingPort {
  /**
   * @param keys distinct, at most `capabilities.maxPriceKeys`
   * @returns every row (scale step, validity window) that may apply to a key; a key without a price has none
   * @throws UpstreamFailure
   */
  readPrices(keys: readonly PriceKey[], call: ErpCall): Promise<readonly ErpPrice[]>
}

/** One configured ERP. A port that the ERP does not offer is absent, and the plan says so at start. */
export interface ErpConnection {
  readonly name: string
  readonly capabilities: ErpCapabilities
  readonly inventory?: InventoryPort
  readonly pricing?: PricingPort
  /** Answers when the ERP does. @throws UpstreamFailure */
  ping(call: ErpCall): Promise<void>
  /** Ends sessions and sockets. */
  close(): Promise<void>
}
