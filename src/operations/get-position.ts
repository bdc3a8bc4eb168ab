import { freshSnapshots } from '../domain/inventory/reservations/snapshots.ts'
import { jsonReply } from '../gateway/reply.ts'
import { Problem } from '../kernel/problems.ts'
import { asChannelId, asLocationId, asSku } from '../model/brand.ts'
import type { operations } from '../model/generated/inventory-v2.ts'
import { toWireQuantity } from '../model/quantity.ts'
import { availableToPromise } from '../model/stock-counter.ts'
import { erpCallOf } from './erp-call.ts'
import { instantText } from './instant.ts'
import type { Operation } from './operation-deps.ts'
import { paramsOf, queryOf } from './typed-input.ts'
import { orUpstreamProblem } from './upstream-problem.ts'

/** `GET /inventory/v2/positions/{sku}/{location}`: every term, and they add up. */
export const getPosition: Operation = deps => async exchange => {
  const params = paramsOf<operations['getPosition']>(exchange)
  const { channel } = queryOf<operations['getPosition']>(exchange)
  const key = { sku: asSku(params.sku), location: asLocationId(params.location) }
  if (!deps.network.locations.has(key.location)) {
    throw new Problem('unknown-location', { extensions: { locations: [key.location] } })
  }
  const bufferUnits = bufferOf(channel, deps.network)
  const snapshots = await orUpstreamProblem(freshSnapshots([key], deps, erpCallOf(exchange)))
  const [counter] = await deps.store.write(async tx => {
    await tx.stock.lock([key])
    await tx.stock.applySnapshots(snapshots)
    return tx.stock.counters([key])
  })
  if (!counter) throw new Problem('unknown-sku')
  const { uom } = counter
  const amount = (micros: bigint) => toWireQuantity({ micros, uom })
  const available = availableToPromise(counter)
  const buffer = BigInt(Math.round(bufferUnits * 1_000_000))
  const sellable = available - buffer
  return jsonReply(200, {
    sku: counter.sku,
    location: counter.location,
    connection: counter.connection,
    uom,
    onHand: amount(counter.onHand),
    snapshot: {
      requestedAt: instantText(counter.snapshotAt),
      ...(counter.snapshotSeq !== undefined && { erpSeq: String(counter.snapshotSeq) }),
    },
    unabsorbed: amount(counter.unabsorbed),
    held: amount(counter.held),
    committed: amount(counter.committed),
    availableToPromise: amount(available),
    buffer: amount(buffer),
    sellable: amount(sellable > 0n ? sellable : 0n),
  })
}

function bufferOf(
  channel: string | undefined,
  { channels }: Parameters<Operation>[0]['network'],
): number {
  if (channel === undefined) return 0
  const known = channels.get(asChannelId(channel))
  if (!known) throw new Problem('unknown-channel', { detail: `There is no channel ${channel}.` })
  return known.bufferUnits
}
