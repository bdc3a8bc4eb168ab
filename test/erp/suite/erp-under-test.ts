import { UpstreamFailure } from '../../../src/kernel/upstream-failure.ts'
import { asChannelId, asLocationId, asSku } from '../../../src/model/brand.ts'
import type { PriceKey } from '../../../src/model/price.ts'
import { quantityText } from '../../../src/model/quantity.ts'
import type { ErpStock, StockKey } from '../../../src/model/stock.ts'
import type { ErpCall, ErpConnection, InventoryPort, PricingPort } from '../../../src/ports/erp.ts'
import type { FaultProxy, ProxiedRequest } from '../../support/fault-proxy.ts'

/** What the ERP itself says of its stock, learned without the connector. Decimals in their shortest form. */
export type StockTruth = {
  readonly sku: string
  readonly location: string
  readonly onHand: string
  readonly uom: string
}

/** What the ERP itself charges for a quantity. */
export type PriceTruth = {
  readonly sku: string
  readonly channel: string
  readonly currency: string
  readonly customerGroup?: string
  readonly quantity: string
  readonly unitPrice: string
  readonly uom: string
  readonly taxIncluded: boolean
}

/** Goods that there is enough of to sell, in pieces. */
export type Goods = { readonly sku: string; readonly location: string; readonly uom: string }

/** An ERP that the tests may write to, and what its own books say, learned without the connector. */
export type WriteBooks = {
  readonly channel: string
  readonly currency: string
  /** Two at least, all at one place. */
  readonly goods: readonly Goods[]
  /** Every order there that bears the reference. `net` is their sum as the ERP has it. */
  orders(reference: string): Promise<
    readonly {
      readonly number: string
      readonly isCancelled: boolean
      readonly net: string
      readonly lines: readonly { readonly sku: string; readonly quantity: number }[]
    }[]
  >
  /** Ships parts of an order, as somebody there would. */
  ship?(
    number: string,
    parts: readonly { sku: string; location: string; quantity: number }[],
  ): Promise<void>
}

export type ErpUnderTest = {
  readonly connection: ErpConnection
  /** At least ten SKUs and two locations. */
  readonly stock: readonly StockTruth[]
  /** Every channel, currency and group that is served, and each side of a scale step where there is one. */
  readonly prices: readonly PriceTruth[]
  /** Absent where nothing may be written. */
  readonly writes?: WriteBooks
  /** Stands between the connection and the ERP; absent where no network does. */
  readonly faults?: FaultProxy
  /** Tells requests that log in from the others, where a connector logs in at all. */
  isLogin?(request: ProxiedRequest): boolean
  /** What must never be seen in an error. */
  readonly secrets: readonly string[]
  close(): Promise<void>
}

export type Case = (erp: ErpUnderTest) => Promise<void>
export type Cases = Readonly<Record<string, Case>>

/** A call that waits as long as it must, unless told otherwise. */
export const callWith = (
  signal: AbortSignal = new AbortController().signal,
  more: Partial<ErpCall> = {},
): ErpCall => ({
  signal,
  deadlineAt: Number.POSITIVE_INFINITY,
  correlationId: 'conformance',
  workClass: 'browse',
  ...more,
})

export const stockKey = ({ sku, location }: { sku: string; location: string }): StockKey => ({
  sku: asSku(sku),
  location: asLocationId(location),
})

export const priceKey = (
  { sku, channel, currency, customerGroup }: Omit<PriceTruth, 'quantity' | 'unitPrice' | 'uom'>,
  at: number,
): PriceKey => ({
  sku: asSku(sku),
  channel: asChannelId(channel),
  currency,
  at,
  ...(customerGroup !== undefined && { customerGroup }),
})

export function inventoryOf({ connection }: ErpUnderTest): InventoryPort {
  if (!connection.inventory) throw new Error(`${connection.name} offers no stock`)
  return connection.inventory
}

export function pricingOf({ connection }: ErpUnderTest): PricingPort {
  if (!connection.pricing) throw new Error(`${connection.name} offers no prices`)
  return connection.pricing
}

export const toTruth = ({ sku, location, onHand }: ErpStock): StockTruth => ({
  sku,
  location,
  onHand: quantityText(onHand),
  uom: onHand.uom,
})

/** More requests than any creation takes: one that does not end is found out. */
const MOST_REQUESTS = 40

/**
 * Does something over and over, each time with another of its requests lost: the first, the second, until it has
 * no more of them. `drop`: the request does not arrive; `cut`: it is carried out, and the answer breaks off.
 */
export async function losingEach(
  { faults }: ErpUnderTest,
  kind: 'drop' | 'cut',
  work: () => Promise<void>,
): Promise<void> {
  if (!faults) throw new Error('this case needs a network')
  for (let lost = 1; lost < MOST_REQUESTS; lost++) {
    let nth = 0
    faults.inject({ kind }, 1, () => ++nth === lost)
    await work()
    await faults.heal()
    if (nth < lost) return
  }
  throw new Error('it sends requests without end')
}

/** In one order, whatever order they came in. */
export const sorted = (rows: readonly StockTruth[]): readonly StockTruth[] =>
  rows.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1))

const textOf = ({ sku, location }: StockTruth): string => `${location}\n${sku}`

/** A business no counts as no rows. */
export const orRefused = <Row>(rows: Promise<readonly Row[]>): Promise<readonly Row[]> =>
  rows.catch(error => {
    if (error instanceof UpstreamFailure && error.kind === 'rejected') return []
    throw error
  })
