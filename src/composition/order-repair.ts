import type { ErpPlace } from '../domain/erp-place.ts'
import { candidateKeys } from '../domain/inventory/reservations/reserve.ts'
import { freshSnapshots } from '../domain/inventory/reservations/snapshots.ts'
import { releaseHold } from '../domain/orders/release-hold.ts'
import { releasePosting } from '../domain/orders/repair-posting.ts'
import { editedPayload, type PayloadEdit } from '../domain/postings/edit-payload.ts'
import type { Clock } from '../kernel/clock.ts'
import { newCorrelationId } from '../kernel/ids.ts'
import type { LocationId } from '../model/brand.ts'
import type { components } from '../model/generated/orders-v1.ts'
import type { ErpPosting, PostingAttempt } from '../model/order.ts'
import { channelPlaces } from '../operations/channel-places.ts'
import { parseOrder } from '../operations/order-input.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import type { DeadLetters } from '../ports/orders.ts'
import type { StockSource } from '../ports/stock-source.ts'
import type { Store } from '../ports/store.ts'

/** What a person can do for what does not go on by itself. */
export interface OrderRepair {
  /** Postings that wait for a person, the oldest first. Prices are left out of what is shown. */
  dead(which: DeadLetters, limit: number): Promise<readonly object[]>
  /** One of them, with its attempts. @returns undefined where none that is dead has this id */
  look(postingId: string): Promise<object | undefined>
  /** @returns whether it waited for somebody @throws EditRefused */
  release(postingId: string, reason: string, edit?: PayloadEdit): Promise<boolean>
  /** @returns how many were released, at most so many at once */
  releaseAll(which: DeadLetters, reason: string): Promise<number>
  /**
   * Who placed an order, what they sent, under which policies it was accepted, and what became of it at each ERP:
   * by hashes and numbers, without what was bought or paid.
   *
   * @returns undefined where there is no such order
   */
  acknowledgement(orderId: string): Promise<object | undefined>
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
  sources(): {
    readonly stock: StockSource
    readonly known: { readonly stock: StockSource }
    erpAt(location: LocationId): ErpPlace | undefined
  }
}): OrderRepair {
  const { store, clock } = deps
  const occasion = () => ({ now: clock.now(), correlationId: newCorrelationId() })
  const release = (
    posting: ErpPosting,
    reason: string,
    payload?: ErpPosting['payload'],
  ): Promise<boolean> => store.write(tx => releasePosting(tx, posting, reason, occasion(), payload))
  return {
    dead: async (which, limit) => (await store.read.postings.dead(which, limit)).map(shown),
    async look(postingId) {
      const posting = await store.read.postings.find(postingId)
      if (posting?.state !== 'DEAD') return undefined
      const attempts = await store.read.postings.attemptsOf(postingId)
      return { ...shown(posting), attempts: attempts.map(attemptShown) }
    },
    async release(postingId, reason, edit) {
      const posting = await store.read.postings.find(postingId)
      if (posting?.state !== 'DEAD') return false
      return release(posting, reason, edit && editedPayload(posting, edit))
    },
    async releaseAll(which, reason) {
      let released = 0
      for (const posting of await store.read.postings.dead(which, MOST_AT_ONCE)) {
        if (await release(posting, reason)) released++
      }
      return released
    },
    async acknowledgement(orderId) {
      const order = await store.read.orders.find(orderId)
      if (!order) return undefined
      const { postings } = store.read
      const attempts = Map.groupBy(await postings.attemptsOf(orderId), ({ postingId }) => postingId)
      return {
        id: order.id,
        consumer: order.consumer,
        channel: order.channel,
        channelOrderId: order.channelOrderId,
        payloadHash: order.payloadHash,
        policyRevision: order.policyRevision,
        lifecycle: order.lifecycle,
        acceptedAt: new Date(order.createdAt).toISOString(),
        postings: (await postings.ofOrder(orderId)).map(posting => ({
          id: posting.id,
          connection: posting.connection,
          kind: posting.kind,
          reference: posting.reference,
          payloadHash: posting.payloadHash,
          state: posting.state,
          erpDocumentNumber: posting.erpNumber,
          erpState: posting.erpState,
          attempts: (attempts.get(posting.id) ?? []).map(attemptShown),
        })),
      }
    },
    async releaseHold(orderId, reason) {
      const order = await store.read.orders.find(orderId)
      if (!order) return undefined
      const policies = deps.policies()
      const { stock, known, erpAt } = deps.sources()
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
        { store, stock, knownStock: known.stock, erpAt, now: () => clock.now() },
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

const shown = ({ payload, lastError, updatedAt, ...posting }: ErpPosting): object => {
  const lines: readonly object[] = payload.lines
  return {
    id: posting.id,
    ...(posting.orderId !== undefined && { orderId: posting.orderId }),
    connection: posting.connection,
    kind: posting.kind,
    reference: posting.reference,
    cause: posting.cause,
    lastError,
    attempts: posting.attempts,
    lines: lines.map(line => ({ ...line, ...PRICES_LEFT_OUT })),
    since: new Date(updatedAt).toISOString(),
  }
}

/** What was paid is for whoever may read the order. */
const PRICES_LEFT_OUT = { netUnitPrice: undefined, netAmount: undefined }

const attemptShown = ({ n, startedAt, endedAt, outcome, detail }: PostingAttempt): object => ({
  n,
  startedAt: new Date(startedAt).toISOString(),
  ...(endedAt !== undefined && { endedAt: new Date(endedAt).toISOString() }),
  outcome,
  detail,
})
