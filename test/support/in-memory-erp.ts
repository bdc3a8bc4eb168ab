import { UpstreamFailure } from '../../src/kernel/upstream-failure.ts'
import type { ErpCapabilities } from '../../src/model/erp-connection.ts'
import type { ErpPrice, PriceKey } from '../../src/model/price.ts'
import type { ErpStock, StockKey } from '../../src/model/stock.ts'
import type { ErpCall, ErpConnection } from '../../src/ports/erp.ts'

export type InMemoryErp = ErpConnection & {
  /** May be changed at any time, as somebody at the ERP would. */
  stock: readonly Omit<ErpStock, 'requestedAt'>[]
  prices: readonly Omit<ErpPrice, 'requestedAt'>[]
}

const CAPABILITIES: ErpCapabilities = {
  quantitySemantics: 'PHYSICAL',
  changeSequence: 'NONE',
  idempotencySupport: 'NONE',
  maxConcurrency: 8,
  maxStockKeys: 200,
  maxPriceKeys: 200,
}

/** What a connection to an ERP is, in the fewest words: the reference for all others. */
export function createInMemoryErp(
  books: Pick<InMemoryErp, 'stock' | 'prices'>,
  now: () => number,
  name = 'in-memory',
): InMemoryErp {
  let closed = false
  /** Answers in a later turn, as a network would, unless the caller has left by then. */
  const answer = async <Row>(call: string, { signal }: ErpCall, rows: () => readonly Row[]) => {
    signal.throwIfAborted()
    const requestedAt = now()
    await new Promise(resolve => setImmediate(resolve))
    signal.throwIfAborted()
    if (closed) throw connectionClosed(name, call)
    return rows().map(row => ({ ...row, requestedAt }))
  }
  const erp: InMemoryErp = {
    name,
    capabilities: CAPABILITIES,
    ...books,
    inventory: {
      readStock: (keys, call) =>
        answer('inventory.readStock', call, () =>
          erp.stock.filter(row => keys.some(key => isStockOf(row, key))),
        ),
    },
    pricing: {
      readPrices: (keys, call) =>
        answer('pricing.readPrices', call, () =>
          erp.prices.filter(row => keys.some(key => isPriceFor(row, key))),
        ),
    },
    ping: async call => {
      await answer('ping', call, () => [])
    },
    close: async () => {
      closed = true
    },
  }
  return erp
}

const isStockOf = (row: StockKey, key: StockKey): boolean =>
  row.sku === key.sku && row.location === key.location

const isPriceFor = (row: Omit<ErpPrice, 'requestedAt'>, key: PriceKey): boolean =>
  row.sku === key.sku &&
  row.channel === key.channel &&
  row.currency === key.currency &&
  (row.customerGroup === undefined || row.customerGroup === key.customerGroup)

const connectionClosed = (connection: string, call: string): UpstreamFailure =>
  new UpstreamFailure('unreachable', `${connection}: ${call}: closed`, {
    connection,
    call,
    proxyError: 'destination_unavailable',
  })
