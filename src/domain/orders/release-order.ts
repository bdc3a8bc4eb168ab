import { prefixedId } from '../../kernel/ids.ts'
import type { LocationId } from '../../model/brand.ts'
import type { Order, OrderPosting } from '../../model/order.ts'
import { quantityText } from '../../model/quantity.ts'
import type { Allocation } from '../../model/reservation.ts'
import type { Tx } from '../../ports/store.ts'
import type { ErpPlace } from '../erp-place.ts'
import { type PostedPrices, pricedParts } from './posted-prices.ts'

/** Where an order of a location goes. */
export type OrderPlace = Pick<ErpPlace, 'connection' | 'oneLocationPerOrder'>

/**
 * Writes what each ERP is to be told of an order, and sends the jobs that tell them, in the transaction that
 * releases the order. Each ERP gets the lines whose stock it states, in one order or in one for each location.
 *
 * @returns the connections, in no order; none where nothing is allocated
 */
export async function releaseOrder(
  tx: Tx,
  order: Pick<Order, 'id' | 'channel'>,
  allocations: readonly Allocation[],
  prices: PostedPrices,
  { now, erpAt }: { now: number; erpAt(location: LocationId): OrderPlace | undefined },
): Promise<readonly string[]> {
  const priced = pricedParts(allocations, prices)
  const documents = [
    ...Map.groupBy(priced, ({ location }) => {
      const { connection = '', oneLocationPerOrder } = erpAt(location) ?? {}
      return JSON.stringify([connection, oneLocationPerOrder ? location : ''])
    }),
  ].map(([key, parts]) => ({ connection: String(JSON.parse(key)[0]), parts }))
  const told = new Map<string, number>()
  for (const { connection, parts } of documents) {
    const before = told.get(connection) ?? 0
    told.set(connection, before + 1)
    const payload: OrderPosting = {
      reference: referenceOf(order.id, before),
      channel: order.channel,
      currency: prices.currency,
      lines: parts.map(({ quantity, ...part }) => ({
        ...part,
        quantity: quantityText({ micros: quantity, uom: part.uom }),
      })),
    }
    const posting = {
      id: prefixedId('pst'),
      orderId: order.id,
      connection,
      kind: 'create' as const,
      reference: payload.reference,
      payload,
      createdAt: now,
    }
    if (await tx.postings.insert(posting)) await tx.jobs.post(posting)
  }
  return [...told.keys()]
}

/**
 * Our id without its prefix: 32 characters, where ERPs take 35.
 *
 * @param before how many orders the same ERP has of it already
 */
const referenceOf = (orderId: string, before: number): string =>
  orderId.slice(orderId.indexOf('_') + 1) + (before ? `-${before + 1}` : '')
