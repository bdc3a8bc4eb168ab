import { prefixedId } from '../../kernel/ids.ts'
import type { LocationId } from '../../model/brand.ts'
import type { Order, OrderPosting } from '../../model/order.ts'
import { quantityText } from '../../model/quantity.ts'
import type { Allocation } from '../../model/reservation.ts'
import type { Tx } from '../../ports/store.ts'

/** Net price of a unit of each line, decimal text, and the order's currency. */
export type PostedPrices = {
  readonly currency: string
  readonly netUnitPrices: ReadonlyMap<string, string>
}

/**
 * Writes what each ERP is to be told of an order, and sends the jobs that tell them, in the transaction that
 * releases the order. Each ERP gets the lines whose stock it states.
 *
 * @param erpAt which ERP states the stock of a location
 * @returns the connections, in no order; none where nothing is allocated
 */
export async function releaseOrder(
  tx: Tx,
  order: Pick<Order, 'id' | 'channel'>,
  allocations: readonly Allocation[],
  { currency, netUnitPrices }: PostedPrices,
  { now, erpAt }: { now: number; erpAt(location: LocationId): { connection: string } | undefined },
): Promise<readonly string[]> {
  const byConnection = Map.groupBy(allocations, ({ location }) => erpAt(location)?.connection ?? '')
  for (const [connection, parts] of byConnection) {
    const payload: OrderPosting = {
      reference: referenceOf(order.id),
      channel: order.channel,
      currency,
      lines: parts.map(({ lineId, sku, location, uom, quantity }) => ({
        lineId,
        sku,
        location,
        quantity: quantityText({ micros: quantity, uom }),
        uom,
        netUnitPrice: netUnitPrices.get(lineId) ?? '0',
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
  return [...byConnection.keys()]
}

/** Our id without its prefix: 32 characters, where ERPs take 35. */
export const referenceOf = (orderId: string): string => orderId.slice(orderId.indexOf('_') + 1)
