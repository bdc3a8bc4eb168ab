import type { ShortLine } from '../domain/inventory/reservations/allocate.ts'
import type { components } from '../model/generated/inventory-v2.ts'
import { toWireQuantity } from '../model/quantity.ts'
import type { Reservation } from '../model/reservation.ts'
import { instantText } from './instant.ts'

type Wire = components['schemas']

/** A reservation as inventory v2 words it. */
export function reservationBody(
  { id, channel, owner, state, expiresAt, version, allocations }: Reservation,
  short: readonly ShortLine[] = [],
): Wire['Reservation'] {
  const lines = [...Map.groupBy(allocations, ({ lineId }) => lineId)].flatMap(([lineId, parts]) => {
    const [first] = parts
    if (!first) return []
    const micros = parts.reduce((sum, { quantity }) => sum + quantity, 0n)
    return {
      lineId,
      sku: first.sku,
      quantity: toWireQuantity({ micros, uom: first.uom }),
      allocations: parts.map(({ location, quantity, uom }) => ({
        location,
        quantity: toWireQuantity({ micros: quantity, uom }),
      })),
    }
  })
  return {
    id,
    channel,
    owner: { ...owner },
    state,
    expiresAt: instantText(expiresAt),
    version,
    lines,
    short: short.map(shortLineBody),
  }
}

export const shortLineBody = ({
  lineId,
  sku,
  requested,
  available,
  alternatives,
  uom,
}: ShortLine): Wire['Reservation']['short'][number] => ({
  lineId,
  sku,
  requested: toWireQuantity({ micros: requested, uom }),
  available: toWireQuantity({ micros: available, uom }),
  alternatives: [...alternatives],
})
