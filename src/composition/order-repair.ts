import { candidateKeys } from '../domain/inventory/reservations/reserve.ts'
import { freshSnapshots, type StockErp } from '../domain/inventory/reservations/snapshots.ts'
import { releaseHold } from '../domain/orders/release-hold.ts'
import { releasePosting } from '../domain/orders/repair-posting.ts'
import type { Clock } from '../kernel/clock.ts'
import { newCorrelationId } from '../kernel/ids.ts'
import type { LocationId } from '../model/brand.ts'
import type { components } from '../model/generated/orders-v1.ts'
import type { ErpPosting } from '../model/order.ts'
import { channelPlaces } from '../operations/channel-places.ts'
import { parseOrder } from '../operations/order-input.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import type { StockSource } from '../ports/stock-source.ts'
import type { Store } from '../ports/store.ts'

/** What a person can do for orders that do not go on by themselves. */
export interface OrderRepair {
  /** Postings that exhausted their attempts, the oldest first. Prices are left out of what is shown. */
  dead(limit: number): Promise<readonly object[]>
  /** @returns whether it waited for somebody */
  release(postingId: string, reason: string): Promise<boolean>
  /** @returns how many were released */
  releaseByCause(cause: string, reason: string): Promise<number>
  /** @returns undefined where there is no such order */
  releaseHold(
    orderId: string,
    reason: string,
  ): Promise<'released' | 'short' | 'not-held' | undefined>
}

const MOST_AT_ONCE = 500
const CALL_MS = 10_000

export function createOrderRepair(deps: {
  readonly store: Store
  readonly clock: Clock
  policies(): PolicySet
  sources(): { readonly stock: StockSource; erpAt(location: LocationId): StockErp | undefined }
}): OrderRepair {
  const { store, clock } = deps
  const occasion = () => ({ now: clock.now(), correlationId: newCorrelationId() })
  const release = (posting: ErpPosting, reason: string): Promise<boolean> =>
    store.write(tx => releasePosting(tx, posting, reason, occasion()))
  return {
    dead: async limit => (await store.read.postings.dead(limit)).map(shown),
    async release(postingId, reason) {
      const posting = await store.read.postings.find(postingId)
      return posting?.state === 'DEAD' && release(posting, reason)
    },
    async releaseByCause(cause, reason) {
      const all = await store.read.postings.dead(MOST_AT_ONCE)
      let released = 0
      for (const posting of all) {
        if (posting.cause === cause && (await release(posting, reason))) released++
      }
      return released
    },
    async releaseHold(orderId, reason) {
      const order = await store.read.orders.find(orderId)
      if (!order) return undefined
      const policies = deps.policies()
      const { stock, erpAt } = deps.sources()
      const request = parseOrder(order.document as components['schemas']['OrderRequest'])
      const regions = policies.consumers.get(order.consumer)?.regions ?? new Set<string>()
      const { pool, bufferMicros } = channelPlaces(order.channel, regions, [], policies)
      const lines = request.lines.map(({ quantity, ...line }) => ({
        ...line,
        quantity: quantity.micros,
        uom: quantity.uom,
      }))
      const snapshots = await freshSnapshots(
        candidateKeys(lines, pool),
        { store, stock, erpAt, now: () => clock.now() },
        {
          signal: AbortSignal.timeout(CALL_MS),
          deadlineAt: clock.monotonic() + CALL_MS,
          correlationId: newCorrelationId(),
          workClass: 'batch',
        },
      )
      return store.write(async tx => {
        const locked = await tx.orders.find(orderId, { lock: true })
        return locked
          ? releaseHold(tx, locked, request, reason, {
              ...occasion(),
              consumer: locked.consumer,
              payloadHash: locked.payloadHash,
              document: locked.document,
              policyRevision: policies.revision,
              pool,
              bufferMicros,
              snapshots,
              erpAt,
            })
          : undefined
      })
    },
  }
}

const shown = ({ payload, lastError, updatedAt, ...posting }: ErpPosting): object => ({
  id: posting.id,
  orderId: posting.orderId,
  connection: posting.connection,
  kind: posting.kind,
  reference: posting.reference,
  cause: posting.cause,
  lastError,
  attempts: posting.attempts,
  lines: payload.lines.map(({ lineId, sku, location, quantity, uom }) => ({
    lineId,
    sku,
    location,
    quantity,
    uom,
  })),
  since: new Date(updatedAt).toISOString(),
})
