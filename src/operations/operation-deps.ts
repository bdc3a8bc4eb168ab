import type { KeyObject } from 'node:crypto'
import type { Admitted, Handler } from '../gateway/exchange.ts'
import type { Network } from '../model/network.ts'
import type { PriceSource } from '../ports/price-source.ts'
import type { StockSource } from '../ports/stock-source.ts'

/** What the operations are made from. */
export type OperationDeps = {
  readonly stock: StockSource
  readonly prices: PriceSource
  readonly network: Network
  /** Seals quotes: at least 32 secret bytes, the same in every process. */
  readonly quoteKey: KeyObject
  /** Epoch ms. */
  now(): number
}

export type Operation = (deps: OperationDeps) => Handler<Admitted>
