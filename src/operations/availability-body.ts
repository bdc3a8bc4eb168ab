import { freshnessOf } from '../domain/inventory/freshness.ts'
import type { Availability } from '../domain/inventory/get-availability.ts'
import { quantityBand } from '../domain/inventory/quantity-band.ts'
import type { ChannelId } from '../model/brand.ts'
import type { components } from '../model/generated/inventory-v2.ts'
import { type Quantity, toWireQuantity } from '../model/quantity.ts'
import { instantText } from './instant.ts'

type Wire = components['schemas']

export type AvailabilityView = {
  readonly channel: ChannelId | undefined
  /** The caller may see exact quantities. */
  readonly exact: boolean
  /** Epoch ms: the instant that ages are counted to. */
  readonly now: number
  /** The answer has outlived its time and is given for want of a newer one. */
  readonly servedStale: boolean
}

/** Availability as inventory v2 words it. */
export function availabilityBody(
  answer: Availability,
  view: AvailabilityView,
): Wire['Availability'] {
  const exactly = (quantity: Quantity) => view.exact && { quantity: toWireQuantity(quantity) }
  return {
    items: answer.items.map(item => {
      const { snapshotAt, ageSeconds, stale } = freshnessOf(
        item.snapshotAt,
        view.now,
        view.servedStale || item.isOverdue,
      )
      return {
        sku: item.sku,
        ...(item.gtin !== undefined && { gtin: item.gtin }),
        ...(view.channel !== undefined && { channel: view.channel }),
        availability: item.availability,
        quantityBand: quantityBand(item.sellable),
        ...exactly(item.sellable),
        asOf: instantText(snapshotAt),
        freshness: { snapshotAt: instantText(snapshotAt), ageSeconds, stale },
        ...(item.nextSupply && {
          nextSupply: { date: item.nextSupply.date, ...exactly(item.nextSupply.quantity) },
        }),
        locations: item.locations.map(at => ({
          location: at.location,
          availability: at.availability,
          quantityBand: quantityBand(at.sellable),
          ...exactly(at.sellable),
        })),
      }
    }),
    unknownSkus: [...answer.unknownSkus],
    unansweredSkus: [...answer.unansweredSkus],
    incomplete: answer.incomplete,
  }
}
