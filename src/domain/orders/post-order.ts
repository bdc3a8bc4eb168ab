import { newCorrelationId } from '../../kernel/ids.ts'
import { UpstreamFailure, type UpstreamFailureKind } from '../../kernel/upstream-failure.ts'
import type { ErpOrder, ErpPosting, PostingState } from '../../model/order.ts'
import type { SnapshotMeaning } from '../../model/stock-counter.ts'
import type { ErpCall, OrdersPort } from '../../ports/erp.ts'
import type { Store, Tx } from '../../ports/store.ts'
import { cancelEverything } from './cancel-order.ts'
import { tellOrder } from './order-events.ts'

/** An ERP that takes orders, and how its stock figures are meant. */
export type OrderErp = SnapshotMeaning & { readonly orders: OrdersPort }

export type PostDeps = {
  readonly store: Store
  /** Epoch ms. */
  now(): number
  /** On the monotonic clock, ms. */
  monotonic(): number
  /** 0 ≤ x < 1. */
  random(): number
  erp(connection: string): OrderErp | undefined
}

/** How long an attempt may take; nobody else begins one meanwhile. */
const ATTEMPT_MS = 15_000
/** After a call whose outcome is not known: longer than the ERP may still be at it. */
const SETTLE_SECONDS = 5
/** Attempts that reached the ERP and did not succeed, before a person must look. */
export const MAX_FAILURES = 12

/**
 * Tells one ERP of one order, or finds out that it knows already. Before every creation the order is looked
 * up by our reference: after a crash, a lost answer or a job that came twice, it is found and not made again.
 *
 * Each step is on record before the next begins, so that a process may die anywhere.
 */
export async function postOrder(deps: PostDeps, postingId: string): Promise<void> {
  const { store, now } = deps
  const begun = await store.write(tx => begin(tx, postingId, now()))
  if (!begun) return
  const { posting, n, wasUnknown } = begun
  const erp = deps.erp(posting.connection)
  const outcome = erp
    ? await tell(erp.orders, posting, wasUnknown, callFor(posting, deps))
    : ({ kind: 'unreachable', detail: `there is no connection ${posting.connection}` } as const)
  await store.write(tx => conclude(tx, { posting, n, outcome, erp }, deps))
}

type Outcome =
  | { readonly kind: 'done'; readonly order: ErpOrder; readonly how: 'created' | 'found' }
  | {
      readonly kind: UpstreamFailureKind
      readonly detail: string
      /** It may have been done: it must be looked up before anything else. */
      readonly isUnclear?: boolean
      readonly retryAfterSeconds?: number | undefined
    }

async function begin(tx: Tx, postingId: string, now: number) {
  const posting = await tx.postings.find(postingId, { lock: true })
  if (!posting || !['PENDING', 'SENDING', 'UNKNOWN'].includes(posting.state)) return undefined
  if (posting.state === 'SENDING' && posting.claimedUntil > now) {
    // Another process is at it, or died at it: whoever comes after its time looks again.
    await tx.jobs.post(posting, (posting.claimedUntil - now) / 1000)
    return undefined
  }
  if (posting.kind === 'cancel') {
    const waiting = await isCreationUnderWay(tx, posting)
    if (waiting) {
      await tx.jobs.post(posting, 1)
      return undefined
    }
  }
  const n = await tx.postings.begin(posting.id, now + ATTEMPT_MS, now)
  return { posting, n, wasUnknown: posting.state !== 'PENDING' }
}

/** What the ERP does not have yet cannot be cancelled there. */
async function isCreationUnderWay(tx: Tx, { orderId, connection }: ErpPosting): Promise<boolean> {
  const all = await tx.postings.ofOrder(orderId)
  return all.some(
    posting =>
      posting.connection === connection &&
      posting.kind === 'create' &&
      ['PENDING', 'SENDING', 'UNKNOWN'].includes(posting.state),
  )
}

const callFor = (posting: ErpPosting, deps: PostDeps): ErpCall => ({
  signal: AbortSignal.timeout(ATTEMPT_MS),
  deadlineAt: deps.monotonic() + ATTEMPT_MS,
  correlationId: posting.id || newCorrelationId(),
  workClass: 'checkout',
})

async function tell(
  orders: OrdersPort,
  posting: ErpPosting,
  wasUnknown: boolean,
  call: ErpCall,
): Promise<Outcome> {
  let sent = false
  try {
    const found = await orders.find(posting.reference, call)
    if (posting.kind === 'cancel') {
      if (!found || found.state === 'CANCELLED') {
        const order = found ?? { ...nothing(posting), state: 'CANCELLED' as const }
        return { kind: 'done', order, how: 'found' }
      }
      sent = true
      return { kind: 'done', order: await orders.cancel(found, call), how: 'created' }
    }
    if (found) return { kind: 'done', order: found, how: 'found' }
    sent = true
    return { kind: 'done', order: await orders.create(posting.payload, call), how: 'created' }
  } catch (error) {
    if (!(error instanceof UpstreamFailure)) {
      // The attempt's own time is up, or something of ours broke; whether it was done is not known.
      const detail = error instanceof Error ? error.message : String(error)
      return { kind: sent ? 'unknown' : 'busy', detail, isUnclear: sent || wasUnknown }
    }
    const { kind, message, details } = error
    const { retryAfterSeconds } = details
    // A look-up that fails says nothing of what an earlier attempt has done.
    const isUnclear = sent
      ? kind === 'garbled' || kind === 'unknown' || details.proxyError === 'connection_timeout'
      : wasUnknown
    return { kind, detail: message, isUnclear, retryAfterSeconds }
  }
}

const nothing = ({ reference }: ErpPosting) => ({ number: '', reference, seq: undefined })

type Conclusion = {
  readonly posting: ErpPosting
  readonly n: number
  readonly outcome: Outcome
  readonly erp: OrderErp | undefined
}

async function conclude(tx: Tx, { posting, n, outcome, erp }: Conclusion, deps: PostDeps) {
  const now = deps.now()
  // The order before the posting, as everybody locks them.
  const order = await tx.orders.find(posting.orderId, { lock: true })
  const current = await tx.postings.find(posting.id, { lock: true })
  if (!order || !current || current.attempts !== n || current.state !== 'SENDING') return
  const occasion = { now, correlationId: posting.id }
  const { connection } = posting

  if (outcome.kind === 'done') {
    const { number, seq, state } = outcome.order
    await tx.postings.end(
      posting.id,
      n,
      {
        outcome: 'CONFIRMED',
        detail: outcome.how,
        state: 'CONFIRMED',
        erpState: state,
        ...(number && { erpNumber: number }),
        ...(seq !== undefined && { erpSeq: seq }),
      },
      now,
    )
    if (posting.kind === 'cancel') {
      await cancelEverything(tx, order, 'cancelled at the ERP', occasion)
      return
    }
    if (order.reservationId && erp) {
      const reservation = await tx.reservations.find(order.reservationId, { lock: true })
      const locations = [...new Set(posting.payload.lines.map(({ location }) => location))]
      const keys = (reservation?.allocations ?? []).filter(({ location }) =>
        locations.includes(location),
      )
      await tx.stock.lock(keys)
      await tx.stock.acknowledgeOrder(
        { reservationId: order.reservationId, locations },
        { seq, at: now },
        erp,
      )
    }
    const news = { type: 'order.posted', data: { connection, erpDocumentNumber: number } }
    const version = await tellOrder(tx, order, [news], occasion)
    await tx.orders.update(order.id, { version }, now)
    return
  }

  const { kind, detail, isUnclear = false } = outcome
  if (kind === 'rejected' && !isUnclear) {
    await tx.postings.end(
      posting.id,
      n,
      { outcome: 'REJECTED', detail, state: 'REJECTED', cause: kind },
      now,
    )
    if (posting.kind === 'cancel') {
      const news = { type: 'order.cancel-refused', data: { connection } }
      await tx.orders.update(
        order.id,
        { version: await tellOrder(tx, order, [news], occasion) },
        now,
      )
      return
    }
    await tx.orders.openHold(order.id, 'ERP_REJECTED', `${connection} will not have it`, now)
    const news = { type: 'order.held', data: { reasons: ['ERP_REJECTED'], connection } }
    const version = await tellOrder(tx, order, [news], occasion)
    await tx.orders.update(order.id, { lifecycle: 'ON_HOLD', version }, now)
    return
  }

  // An ERP that is away is waited for, however long; one that answers nonsense is not asked for ever.
  const failures = posting.failures + (AWAY.has(kind) ? 0 : 1)
  const state: PostingState = failures >= MAX_FAILURES ? 'DEAD' : isUnclear ? 'UNKNOWN' : 'PENDING'
  const pause = pauseSeconds(n, outcome, deps.random())
  const dueAt = now + pause * 1000
  await tx.postings.end(
    posting.id,
    n,
    {
      outcome: isUnclear ? 'UNKNOWN' : kind.toUpperCase(),
      detail,
      state,
      failures,
      cause: kind,
      dueAt,
    },
    now,
  )
  if (state === 'DEAD') {
    const news = { type: 'order.posting-dead', data: { connection, cause: kind } }
    await tx.orders.update(order.id, { version: await tellOrder(tx, order, [news], occasion) }, now)
    return
  }
  await tx.jobs.post(posting, pause)
}

const AWAY: ReadonlySet<string> = new Set(['unreachable', 'busy'])

/** Doubling up to five minutes, with a spread, and never before the ERP has asked us back. */
function pauseSeconds(
  n: number,
  { isUnclear, retryAfterSeconds = 0 }: Exclude<Outcome, { kind: 'done' }>,
  random: number,
): number {
  const doubled = Math.min(300, 2 ** Math.min(n - 1, 9)) * (0.5 + random / 2)
  return Math.max(doubled, retryAfterSeconds, isUnclear ? SETTLE_SECONDS : 0)
}
