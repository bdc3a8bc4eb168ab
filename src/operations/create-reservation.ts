import { candidateKeys, reserve } from '../domain/inventory/reservations/reserve.ts'
import { freshSnapshots } from '../domain/inventory/reservations/snapshots.ts'
import { jsonReply } from '../gateway/reply.ts'
import { prefixedId } from '../kernel/ids.ts'
import { Problem } from '../kernel/problems.ts'
import { asChannelId, asLocationId, asSku } from '../model/brand.ts'
import type { operations } from '../model/generated/inventory-v2.ts'
import { visibleRegions } from './caller-traits.ts'
import { channelPlaces } from './channel-places.ts'
import { erpCallOf } from './erp-call.ts'
import type { Operation } from './operation-deps.ts'
import { parseQuantities } from './parse-quantity.ts'
import { reservationBody, shortLineBody } from './reservation-body.ts'
import { stockHasChanged } from './stock-has-changed.ts'
import { bodyOf } from './typed-input.ts'
import { orUpstreamProblem } from './upstream-problem.ts'
import { written } from './written.ts'

/** `POST /inventory/v2/reservations` */
export const createReservation: Operation = deps => async exchange => {
  const body = bodyOf<operations['createReservation']>(exchange)
  const channel = asChannelId(body.channel)
  const lines = parseQuantities(body.lines, index => `#/body/lines/${index}/quantity`).map(
    ({ lineId, sku, quantity, location }, index) => ({
      lineId: lineId ?? String(index + 1),
      sku: asSku(sku),
      quantity: quantity.micros,
      uom: quantity.uom,
      ...(location !== undefined && { location: asLocationId(location) }),
    }),
  )
  requireDistinct(lines.map(({ lineId }) => lineId))
  const { pool, bufferMicros } = channelPlaces(
    channel,
    visibleRegions(exchange),
    lines.flatMap(({ location }) => location ?? []),
    deps.network,
  )
  const snapshots = await orUpstreamProblem(
    freshSnapshots(candidateKeys(lines, pool), deps, erpCallOf(exchange)),
  )
  const reply = await written(exchange, deps.store, async tx => {
    const result = await reserve(
      tx,
      {
        consumer: exchange.trait('consumer'),
        channel,
        owner: body.owner ?? { type: 'CART', id: prefixedId('cart') },
        lines,
        pool,
        bufferMicros,
        ttlSeconds: body.ttlSeconds ?? 900,
        allowPartial: body.allowPartial ?? false,
        correlationId: exchange.id,
      },
      snapshots,
      deps.now(),
    )
    if (!result.ok) {
      throw new Problem('stock-short', { extensions: { lines: result.short.map(shortLineBody) } })
    }
    const { reservation, short } = result
    return {
      ...jsonReply(201, reservationBody(reservation, short)),
      headers: ['Location', `/inventory/v2/reservations/${reservation.id}`],
    }
  })
  return stockHasChanged(
    deps,
    reply,
    lines.map(({ sku }) => sku),
  )
}

function requireDistinct(lineIds: readonly string[]): void {
  const errors = lineIds.flatMap((lineId, index) =>
    lineIds.indexOf(lineId) === index
      ? []
      : [{ pointer: `#/body/lines/${index}/lineId`, code: 'unique', message: 'is given twice' }],
  )
  if (errors.length) throw new Problem('invalid-request', { errors })
}
