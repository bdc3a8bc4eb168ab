import { getAvailability } from '../domain/inventory/get-availability.ts'
import type { Admitted } from '../gateway/exchange.ts'
import { jsonReply, type Reply } from '../gateway/reply.ts'
import { asChannelId, asLocationId, asSku } from '../model/brand.ts'
import type { components } from '../model/generated/inventory-v2.ts'
import { availabilityBody } from './availability-body.ts'
import { maySeeQuantity, visibleRegions } from './caller-traits.ts'
import { erpCallOf } from './erp-call.ts'
import { stockGroup } from './groups.ts'
import type { OperationDeps } from './operation-deps.ts'
import { orUpstreamProblem } from './upstream-problem.ts'

/** What getAvailability and queryAvailability share: they differ only in where their input stands. */
export async function answerAvailability(
  exchange: Admitted,
  input: components['schemas']['AvailabilityQuery'],
  deps: Pick<OperationDeps, 'promised' | 'network' | 'now'>,
): Promise<Reply> {
  const channel = input.channel === undefined ? undefined : asChannelId(input.channel)
  const query = {
    skus: input.skus.map(asSku),
    regions: visibleRegions(exchange),
    ...(input.locations && { locations: input.locations.map(asLocationId) }),
    ...(channel !== undefined && { channel }),
  }
  const exact = maySeeQuantity(exchange)
  const answer = await orUpstreamProblem(
    getAvailability(query, { stock: deps.promised, network: deps.network }, erpCallOf(exchange)),
  )
  const bodyAt = (now: number, servedStale: boolean) =>
    availabilityBody(answer, { channel, exact, now, servedStale })
  const body = bodyAt(deps.now(), false)
  return jsonReply(200, body, {
    groups: query.skus.map(stockGroup),
    stale: answer.incomplete || body.items.some(item => item.freshness.stale),
    restamp: now => bodyAt(now, true),
  })
}
