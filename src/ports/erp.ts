import type { ErpChange } from '../model/erp-change.ts'
import type { ErpCapabilities } from '../model/erp-connection.ts'
import type { ErpDocument, ErpOrder, MovementPosting, OrderPosting } from '../model/order.ts'
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
  /** Only what the ERP says from now on is an answer: nothing remembered, and no call that has left already. */
  readonly readThrough?: boolean
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

/** What changed at the ERP. */
export interface ChangesPort {
  /**
   * @param cursor as the last answer gave it; absent for "from now on"
   * @returns every change after the cursor, in order; `more` when there are further ones already
   * @throws UpstreamFailure `rejected` when the ERP does not know the cursor any more
   */
  since(cursor: string | undefined, call: ErpCall): Promise<ErpChanges>
}

export type ErpChanges = {
  readonly changes: readonly ErpChange[]
  readonly cursor: string
  readonly more: boolean
}

/** Orders at the ERP. Nothing here is tried again by itself: whoever calls looks up before each creation. */
export interface OrdersPort {
  /** @returns the order that bears our reference; undefined when the ERP has none @throws UpstreamFailure */
  find(reference: string, call: ErpCall): Promise<ErpOrder | undefined>
  /**
   * Makes it, or finishes one that bears the reference and is a draft.
   *
   * @throws UpstreamFailure `rejected` when the ERP will not have it; `unreachable`, `busy`, `session` when
   *   it was not done; any other kind when it may have been
   */
  create(order: OrderPosting, call: ErpCall): Promise<ErpOrder>
  /** @throws UpstreamFailure as for create; `rejected` when it has gone too far to be cancelled */
  cancel(order: Pick<ErpOrder, 'number' | 'reference'>, call: ErpCall): Promise<ErpOrder>
}

/** Stock that came or went elsewhere, at the ERP. As for orders, whoever calls looks up before each creation. */
export interface MovementsPort {
  /** @returns the document that bears our reference, complete; undefined when the ERP has none @throws UpstreamFailure */
  find(reference: string, call: ErpCall): Promise<ErpDocument | undefined>
  /** Makes it, or finishes what an earlier attempt has begun. @throws UpstreamFailure as for orders */
  create(movements: MovementPosting, call: ErpCall): Promise<ErpDocument>
}

/** One configured ERP. A port that the ERP does not offer is absent, and the plan says so at start. */
export interface ErpConnection {
  readonly name: string
  readonly capabilities: ErpCapabilities
  readonly inventory?: InventoryPort
  readonly pricing?: PricingPort
  readonly orders?: OrdersPort
  readonly movements?: MovementsPort
  readonly changes?: ChangesPort
  /** Answers when the ERP does. @throws UpstreamFailure */
  ping(call: ErpCall): Promise<void>
  /** Ends sessions and sockets. */
  close(): Promise<void>
}
