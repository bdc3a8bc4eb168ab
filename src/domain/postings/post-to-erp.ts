import type { ErpPosting } from '../../model/order.ts'
import type { ErpCall } from '../../ports/erp.ts'
import type { Store, Tx } from '../../ports/store.ts'
import { movementsTold } from '../inventory/movements-told.ts'
import { orderTold } from '../orders/order-told.ts'
import { afterFailure, type Outcome, pauseSeconds } from './outcome.ts'
import type { PostingErp } from './posting-erp.ts'
import { tellErp } from './tell-erp.ts'

export type PostDeps = {
  readonly store: Store
  /** Epoch ms. */
  now(): number
  /** On the monotonic clock, ms. */
  monotonic(): number
  /** 0 ≤ x < 1. */
  random(): number
  erp(connection: string): PostingErp | undefined
}

/** How long an attempt may take; nobody else begins one meanwhile. */
const ATTEMPT_MS = 15_000

const WAITING: ReadonlySet<string> = new Set(['PENDING', 'SENDING', 'UNKNOWN'])

/**
 * Tells one ERP one thing, or finds out that it knows already. After a crash, a lost answer or a job that
 * came twice, its document is found and not made again.
 *
 * Each step is on record before the next begins, so that a process may die anywhere.
 */
export async function postToErp(deps: PostDeps, postingId: string): Promise<void> {
  const { store, now } = deps
  const begun = await store.write(tx => begin(tx, postingId, now()))
  if (!begun) return
  const { posting, n, wasUnknown } = begun
  const erp = deps.erp(posting.connection)
  const outcome = erp
    ? await tellErp(erp, posting, wasUnknown, callFor(posting, deps))
    : ({ kind: 'unreachable', detail: `there is no connection ${posting.connection}` } as const)
  await store.write(tx => conclude(tx, { posting, n, outcome, erp }, deps))
}

async function begin(tx: Tx, postingId: string, now: number) {
  const posting = await tx.postings.find(postingId, { lock: true })
  if (!posting || !WAITING.has(posting.state)) return undefined
  if (posting.state === 'SENDING' && posting.claimedUntil > now) {
    // Another process is at it, or died at it: whoever comes after its time looks again.
    await tx.jobs.post(posting, (posting.claimedUntil - now) / 1000)
    return undefined
  }
  if (posting.kind === 'cancel' && (await isCreationUnderWay(tx, posting))) {
    await tx.jobs.post(posting, 1)
    return undefined
  }
  const n = await tx.postings.begin(posting.id, now + ATTEMPT_MS, now)
  return { posting, n, wasUnknown: posting.state !== 'PENDING' }
}

/** What the ERP does not have yet cannot be cancelled there. */
async function isCreationUnderWay(
  tx: Tx,
  { orderId, reference }: { orderId: string; reference: string },
): Promise<boolean> {
  const all = await tx.postings.ofOrder(orderId)
  return all.some(
    posting =>
      posting.reference === reference && posting.kind === 'create' && WAITING.has(posting.state),
  )
}

const callFor = (posting: ErpPosting, deps: PostDeps): ErpCall => ({
  signal: AbortSignal.timeout(ATTEMPT_MS),
  deadlineAt: deps.monotonic() + ATTEMPT_MS,
  correlationId: posting.id,
  workClass: posting.kind === 'movements' ? 'batch' : 'checkout',
})

type Conclusion = {
  readonly posting: ErpPosting
  readonly n: number
  readonly outcome: Outcome
  readonly erp: PostingErp | undefined
}

async function conclude(tx: Tx, { posting, n, outcome, erp }: Conclusion, deps: PostDeps) {
  const now = deps.now()
  // The order before the posting, as everybody locks them.
  const order = posting.orderId && (await tx.orders.find(posting.orderId, { lock: true }))
  const current = await tx.postings.find(posting.id, { lock: true })
  if (!current || current.attempts !== n || current.state !== 'SENDING') return
  const told =
    posting.kind === 'movements'
      ? movementsTold(tx, posting, erp)
      : order && orderTold(tx, order, posting, erp)
  if (!told) return
  const occasion = { now, correlationId: posting.id }

  if (outcome.kind === 'done') {
    const { number, seq, state } = outcome.document
    await tx.postings.end(
      posting.id,
      n,
      {
        outcome: 'CONFIRMED',
        detail: outcome.how,
        state: 'CONFIRMED',
        ...(state && { erpState: state }),
        ...(number && { erpNumber: number }),
        ...(seq !== undefined && { erpSeq: seq }),
      },
      now,
    )
    await told.confirmed(outcome.document, occasion)
    return
  }

  const { kind, detail, isUnclear = false } = outcome
  if (kind === 'rejected' && !isUnclear) {
    const state = await told.rejected(detail, occasion)
    const end = { outcome: 'REJECTED', detail, state, cause: kind }
    await tx.postings.end(posting.id, n, end, now)
    return
  }

  const { failures, state } = afterFailure(posting.failures, outcome)
  const pause = pauseSeconds(n, outcome, deps.random())
  const end = {
    outcome: isUnclear ? 'UNKNOWN' : kind.toUpperCase(),
    detail,
    state,
    failures,
    cause: kind,
    dueAt: now + pause * 1000,
  }
  await tx.postings.end(posting.id, n, end, now)
  if (state === 'DEAD') await told.dead(kind, occasion)
  else await tx.jobs.post(posting, pause)
}
