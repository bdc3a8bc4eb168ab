import { freshnessOf } from '../domain/inventory/freshness.ts'
import { getAvailability } from '../domain/inventory/get-availability.ts'
import { quantityBand } from '../domain/inventory/quantity-band.ts'
import { jsonReply } from '../gateway/reply.ts'
import { Problem } from '../kernel/problems.ts'
import { asLocationId, asSku } from '../model/brand.ts'
import type { components, operations } from '../model/generated/inventory-v1.ts'
import { type Quantity, quantityText } from '../model/quantity.ts'
import { maySeeQuantity, visibleRegions } from './caller-traits.ts'
import { erpCallOf } from './erp-call.ts'
import { stockGroup } from './groups.ts'
import { instantText } from './instant.ts'
import type { Operation } from './operation-deps.ts'
import { paramsOf, queryOf } from './typed-input.ts'
import { orUpstreamProblem, upstreamProblem } from './upstream-problem.ts'

/** `GET /inventory/v1/stock/{sku}`: version 2's answer in version 1's words. */
export const getStock: Operation = deps => async exchange => {
  const sku = asSku(paramsOf<operations['getStock']>(exchange).sku)
  const { location } = queryOf<operations['getStock']>(exchange)
  const query = {
    skus: [sku],
    regions: visibleRegions(exchange),
    ...(location && { locations: location.map(asLocationId) }),
  }
  const exact = maySeeQuantity(exchange)
  const answer = await orUpstreamProblem(
    getAvailability(query, { stock: deps.promised, network: deps.network }, erpCallOf(exchange)),
  )
  // Version 1 cannot say "incomplete": it would be read as "that is all there is".
  if (answer.failures[0]) throw upstreamProblem(answer.failures[0])
  const item = answer.items[0]
  if (!item) throw new Problem('unknown-sku', { detail: `No ERP knows the SKU ${sku} here.` })

  const amount = (quantity: Quantity) => ({
    inStock: quantity.micros > 0n,
    available: exact ? quantityText(quantity) : quantityBand(quantity),
  })
  const bodyAt = (now: number, servedStale: boolean): components['schemas']['Stock'] => ({
    sku,
    ...amount(item.sellable),
    asOf: instantText(item.snapshotAt),
    stale: freshnessOf(item.snapshotAt, now, servedStale || item.isOverdue).stale,
    locations: item.locations.map(at => ({ location: at.location, ...amount(at.sellable) })),
  })
  const body = bodyAt(deps.now(), false)
  return jsonReply(200, body, {
    groups: [stockGroup(sku)],
    stale: body.stale,
    restamp: now => bodyAt(now, true),
  })
}
