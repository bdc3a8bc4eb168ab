import type { ErpDocument, Order, OrderErpPosting } from '../../model/order.ts'
import type { Tx } from '../../ports/store.ts'
import type { Occasion } from '../occasion.ts'
import type { PostingErp } from '../postings/posting-erp.ts'
import type { Told } from '../postings/told.ts'
import { cancelEverything } from './cancel-order.ts'
import { type OrderNews, tellOrder } from './order-events.ts'

/** What becomes of a locked order when an ERP has been told of it, or of its end. */
export function orderTold(
  tx: Tx,
  order: Order,
  posting: OrderErpPosting,
  erp: PostingErp | undefined,
): Told {
  const { connection, kind } = posting
  const tell = async (news: OrderNews, occasion: Occasion, change: object = {}): Promise<void> => {
    const version = await tellOrder(tx, order, [news], occasion)
    await tx.orders.update(order.id, { ...change, version }, occasion.now)
  }
  return {
    async confirmed(document, occasion) {
      if (kind === 'cancel') {
        await cancelledThere(tx, order, posting, occasion)
        return
      }
      if (erp) await acknowledge(tx, order, posting, { document, erp, at: occasion.now })
      const data = { connection, erpDocumentNumber: document.number }
      await tell({ type: 'order.posted', data }, occasion)
    },
    async rejected(_detail, occasion) {
      if (kind === 'cancel') {
        await tell({ type: 'order.cancel-refused', data: { connection } }, occasion)
        return 'REJECTED'
      }
      const why = `${connection} will not have it`
      await tx.orders.openHold(order.id, 'ERP_REJECTED', why, occasion.now)
      const data = { reasons: ['ERP_REJECTED'], connection }
      await tell({ type: 'order.held', data }, occasion, { lifecycle: 'ON_HOLD' })
      return 'REJECTED'
    },
    async dead(cause, occasion) {
      await tell({ type: 'order.posting-dead', data: { connection, cause } }, occasion)
    },
  }
}

/** One ERP has cancelled its part; the order is cancelled when no ERP has any part left. */
async function cancelledThere(
  tx: Tx,
  order: Order,
  { reference, connection }: OrderErpPosting,
  occasion: Occasion,
): Promise<void> {
  const all = await tx.postings.ofOrder(order.id)
  const creation = all.find(
    posting =>
      posting.kind === 'create' &&
      posting.reference === reference &&
      posting.connection === connection,
  )
  if (creation?.state === 'CONFIRMED') {
    await tx.postings.update(creation.id, { erpState: 'CANCELLED' }, occasion.now)
  }
  const isUnderWay = all.some(
    posting =>
      posting.kind === 'cancel' && posting.reference !== reference && posting.state !== 'CONFIRMED',
  )
  if (!isUnderWay) await cancelEverything(tx, order, 'cancelled at the ERP', occasion)
}

/** The ERP subtracts the order itself from now on, where it does that. */
async function acknowledge(
  tx: Tx,
  { reservationId }: Order,
  { payload }: OrderErpPosting,
  { document, erp, at }: { document: ErpDocument; erp: PostingErp; at: number },
): Promise<void> {
  if (reservationId === undefined) return
  const reservation = await tx.reservations.find(reservationId, { lock: true })
  const locations = [...new Set(payload.lines.map(({ location }) => location))]
  const keys = (reservation?.allocations ?? []).filter(({ location }) =>
    locations.includes(location),
  )
  await tx.stock.lock(keys)
  const ack = { seq: document.seq, at }
  await tx.stock.acknowledgeOrder({ reservationId, locations }, ack, erp)
}
