import { candidateKeys } from '../domain/inventory/reservations/reserve.ts'
import { freshSnapshots } from '../domain/inventory/reservations/snapshots.ts'
import { acceptOrder } from '../domain/orders/accept-order.ts'
import { jsonReply, type Reply } from '../gateway/reply.ts'
import { jsonDigest } from '../kernel/canonical-json.ts'
import { Problem } from '../kernel/problems.ts'
import type { operations } from '../model/generated/orders-v1.ts'
import type { Order } from '../model/order.ts'
import type { Tx } from '../ports/store.ts'
import { visibleRegions } from './caller-traits.ts'
import { channelPlaces } from './channel-places.ts'
import { erpCallOf } from './erp-call.ts'
import type { Operation, OperationDeps } from './operation-deps.ts'
import { orderBody } from './order-body.ts'
import { parseOrder, requireQuoted } from './order-input.ts'
import { waitSeconds } from './prefer.ts'
import { stockHasChanged } from './stock-has-changed.ts'
import { bodyOf } from './typed-input.ts'
import { orUpstreamProblem } from './upstream-problem.ts'
import { written } from './written.ts'

/** `POST /orders/v1/orders` */
export const createOrder: Operation = deps => async exchange => {
  const body = bodyOf<operations['createOrder']>(exchange)
  const request = parseOrder(body)
  const { pool, bufferMicros } = channelPlaces(
    request.channel,
    visibleRegions(exchange),
    request.lines.flatMap(({ location }) => location ?? []),
    deps.network,
  )
  requireQuoted(body, deps.quoteKey, deps.now())
  const lines = request.lines.map(({ quantity, ...line }) => ({
    ...line,
    quantity: quantity.micros,
    uom: quantity.uom,
  }))
  // Stock that is held already is known; any other is asked for before a lock is taken.
  const snapshots =
    request.reservationId === undefined
      ? await orUpstreamProblem(
          freshSnapshots(candidateKeys(lines, pool), deps, erpCallOf(exchange)),
        )
      : []
  let orderId: string | undefined
  const accepted = await written(exchange, deps.store, async tx => {
    const result = await acceptOrder(tx, request, {
      now: deps.now(),
      correlationId: exchange.id,
      consumer: exchange.trait('consumer'),
      payloadHash: jsonDigest(body),
      document: body,
      policyRevision: deps.policyRevision,
      pool,
      bufferMicros,
      snapshots,
      erpAt: deps.erpAt,
    })
    if (result.outcome === 'changed') throw new Problem('order-changed')
    orderId = result.order.id
    return orderReply(result.outcome === 'known' ? 200 : 202, result.order, tx)
  })
  const reply = stockHasChanged(
    deps,
    accepted,
    lines.map(({ sku }) => sku),
  )
  const seconds = waitSeconds(exchange.headers.prefer)
  return seconds > 0 && reply.status === 202 && orderId !== undefined
    ? waitForErp(reply, orderId, seconds, deps)
    : reply
}

const orderReply = async (status: number, order: Order, tx: Tx): Promise<Reply> => ({
  ...jsonReply(status, orderBody(order, await tx.postings.ofOrder(order.id))),
  headers: ['Location', `/orders/v1/orders/${order.id}`],
})

/** Waits for the ERPs' numbers; what is kept for a repeated call is the answer of the moment of acceptance. */
async function waitForErp(
  accepted: Reply,
  id: string,
  seconds: number,
  { store, orderChanged, now }: OperationDeps,
): Promise<Reply> {
  const until = now() + seconds * 1000
  for (;;) {
    const postings = await store.read.postings.ofOrder(id)
    const isUnderWay = postings.some(({ state }) =>
      ['PENDING', 'SENDING', 'UNKNOWN'].includes(state),
    )
    const order = isUnderWay ? undefined : await store.read.orders.find(id)
    if (order) return orderReply(accepted.status, order, store.read)
    const left = until - now()
    if (left <= 0) return accepted
    await orderChanged(id, left)
  }
}
