import { recordMovement } from '../domain/inventory/record-movement.ts'
import { freshSnapshots } from '../domain/inventory/reservations/snapshots.ts'
import { tellMovements } from '../domain/inventory/tell-movements.ts'
import { jsonReply } from '../gateway/reply.ts'
import { Problem } from '../kernel/problems.ts'
import { asLocationId, asSku } from '../model/brand.ts'
import type { operations } from '../model/generated/inventory-v2.ts'
import { erpCallOf } from './erp-call.ts'
import type { Operation } from './operation-deps.ts'
import { parseQuantities } from './parse-quantity.ts'
import { stockHasChanged } from './stock-has-changed.ts'
import { bodyOf } from './typed-input.ts'
import { orUpstreamProblem } from './upstream-problem.ts'
import { written } from './written.ts'

/** `POST /inventory/v2/movements` */
export const recordMovements: Operation = deps => async exchange => {
  const { movements } = bodyOf<operations['recordMovements']>(exchange)
  const unknown = movements
    .map(m => asLocationId(m.location))
    .filter(id => !deps.network.locations.has(id))
  if (unknown.length) throw new Problem('unknown-location', { extensions: { locations: unknown } })
  const parsed = parseQuantities(
    movements.map(({ delta, ...movement }) => ({ ...movement, quantity: delta })),
    index => `#/body/movements/${index}/delta`,
  ).map(({ sku, location, quantity, movementId, erpSequence, ...movement }) => ({
    ...movement,
    sku: asSku(sku),
    location: asLocationId(location),
    sourceId: movementId,
    delta: quantity.micros,
    uom: quantity.uom,
    erpSeq: erpSequence === undefined ? undefined : BigInt(erpSequence),
  }))
  const keys = [...new Map(parsed.map(m => [`${m.sku}\n${m.location}`, m])).values()]
  const snapshots = await orUpstreamProblem(freshSnapshots(keys, deps, erpCallOf(exchange)))
  const reply = await written(exchange, deps.store, async tx => {
    await tx.stock.lock(keys)
    await tx.stock.applySnapshots(snapshots)
    const occasion = { now: deps.now(), correlationId: exchange.id }
    const results = []
    const untold: typeof parsed = []
    for (const movement of parsed) {
      const { source, sourceId: movementId } = movement
      const status = await recordMovement(tx, movement, occasion)
      results.push({ source, movementId, status })
      if (status === 'RECORDED' && movement.erpSeq === undefined) untold.push(movement)
    }
    await tellMovements(tx, untold, { now: deps.now(), erpAt: deps.erpAt })
    return jsonReply(200, { results })
  })
  return stockHasChanged(
    deps,
    reply,
    parsed.map(({ sku }) => sku),
  )
}
