import type { KeyObject } from 'node:crypto'
import type { ErpPlace } from '../domain/erp-place.ts'
import type { Admitted, Handler } from '../gateway/exchange.ts'
import type { LocationId } from '../model/brand.ts'
import type { Network } from '../model/network.ts'
import type { PriceSource } from '../ports/price-source.ts'
import type { StockSource } from '../ports/stock-source.ts'
import type { Store } from '../ports/store.ts'

/** What the operations are made from. */
export type OperationDeps = {
  /** What ERPs say, before anything that we promised. */
  readonly stock: StockSource
  /** What ERPs have said of it before, for when they cannot be asked. */
  readonly knownStock: StockSource
  /** What may be promised: with our own reservations and movements. */
  readonly promised: StockSource
  readonly store: Store
  /** Which ERP states the stock of a location. */
  erpAt(location: LocationId): ErpPlace | undefined
  /** Told of SKUs of which more or less may be promised now: what is remembered of them is outdated. */
  stockChanged(skus: readonly string[]): void
  /** What ERPs say of prices now: for what binds us. */
  readonly prices: PriceSource
  /** What is known of prices: for what is shown. */
  readonly knownPrices: PriceSource
  readonly network: Network
  /** Seals quotes: at least 32 secret bytes, the same in every process. */
  readonly quoteKey: KeyObject
  /** The revision of the policies that an order is accepted under. */
  readonly policyRevision: string
  /** Waits until an order has changed, or the time is over; without holding anything. */
  orderChanged(orderId: string, timeoutMs: number): Promise<void>
  /** Epoch ms. */
  now(): number
}

export type Operation = (deps: OperationDeps) => Handler<Admitted>
