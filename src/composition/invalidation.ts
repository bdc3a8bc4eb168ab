import type { ChangedThings } from '../connectors/knowledge/follow.ts'
import type { ResponseCache } from '../gateway/response-cache.ts'
import type { Clock } from '../kernel/clock.ts'
import type { ToldChange } from '../management/freshness.ts'
import { asLocationId, asSku, type LocationId } from '../model/brand.ts'
import type { ErpChange } from '../model/erp-change.ts'
import { priceGroup, stockGroup } from '../operations/groups.ts'
import type { Channel } from '../store/redis-channels.ts'

/** Changes as somebody tells of them, in our words. */
export const toldChanges = (told: {
  readonly stock: readonly ToldChange[]
  readonly prices: readonly ToldChange[]
}): readonly ErpChange[] => [
  ...told.stock.map(({ sku, location = '' }) => ({
    kind: 'stock' as const,
    sku: asSku(sku),
    location: asLocationId(location),
  })),
  ...told.prices.map(({ sku }) => ({ kind: 'price' as const, sku: asSku(sku) })),
]

/** What a group's answers are made from. */
export function thingsOf(group: string, locations: Iterable<LocationId>): readonly ErpChange[] {
  const [kind, ...rest] = group.split('/')
  const sku = asSku(rest.join('/'))
  if (kind === 'price') return [{ kind, sku }]
  if (kind !== 'stock') return []
  return [...locations].map(location => ({ kind, sku, location }))
}

/** What makes remembered answers outdated, here and in the other processes. */
export interface Invalidation {
  /** An ERP has changed; the other processes hear of it themselves. */
  changed(things: ChangedThings): void
  /** More or less of these SKUs may be promised now, by our own doing. */
  stockChanged(skus: readonly string[]): void
  /** @param soft answers may still be given while they are made anew */
  invalidate(groups: readonly string[], soft: boolean): void
}

type Outdated = { readonly groups: readonly string[]; readonly soft: boolean }

/** @param channel to the other processes; undefined where this one is alone */
export function createInvalidation(
  cache: ResponseCache,
  clock: Clock,
  channel: Channel<Outdated> | undefined,
): Invalidation {
  const outdate = ({ groups, soft }: Outdated): void => {
    for (const group of groups) {
      if (soft) cache.age(group, clock.now())
      else cache.drop(group)
    }
  }
  const everywhere = (outdated: Outdated): void => {
    outdate(outdated)
    channel?.tell(outdated)
  }
  // Whoever may have missed something keeps nothing.
  channel?.listen(outdated => (outdated ? outdate(outdated) : cache.clear()))
  return {
    changed: ({ stock, prices }) =>
      outdate({ groups: [...stock.map(stockGroup), ...prices.map(priceGroup)], soft: false }),
    stockChanged: skus => everywhere({ groups: skus.map(stockGroup), soft: false }),
    invalidate: (groups, soft) => everywhere({ groups, soft }),
  }
}
