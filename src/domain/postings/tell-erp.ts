import { UpstreamFailure } from '../../kernel/upstream-failure.ts'
import type {
  ErpDocument,
  ErpPosting,
  MovementErpPosting,
  OrderErpPosting,
} from '../../model/order.ts'
import type { ErpCall, MovementsPort, OrdersPort } from '../../ports/erp.ts'
import type { Done, Outcome } from './outcome.ts'
import type { PostingErp } from './posting-erp.ts'

/** Called before a call that changes something at the ERP. */
type BeforeSending = () => void

/**
 * Tells an ERP, or finds out that it knows already: before every creation it is looked up by our reference.
 *
 * @param wasUnknown an earlier attempt may have done it
 */
export async function tellErp(
  erp: PostingErp,
  posting: ErpPosting,
  wasUnknown: boolean,
  call: ErpCall,
): Promise<Outcome> {
  let sent = false
  const sending = (): void => {
    sent = true
  }
  try {
    if (posting.kind === 'movements') {
      if (!erp.movements) return notOffered('movements', posting)
      return await tellMovements(erp.movements, posting, sending, call)
    }
    if (!erp.orders) return notOffered('orders', posting)
    return posting.kind === 'create'
      ? await tellOrder(erp.orders, posting, sending, call)
      : await tellCancellation(erp.orders, posting, sending, call)
  } catch (error) {
    return failed(error, sent, wasUnknown)
  }
}

async function tellOrder(
  orders: OrdersPort,
  { reference, payload }: OrderErpPosting,
  sending: BeforeSending,
  call: ErpCall,
): Promise<Done> {
  const found = await orders.find(reference, call)
  if (found && found.state !== 'DRAFT') return done(found, found.state, 'found')
  sending()
  const made = await orders.create(payload, call)
  return done(made, made.state === 'DRAFT' ? 'OPEN' : made.state, 'created')
}

async function tellCancellation(
  orders: OrdersPort,
  { reference }: OrderErpPosting,
  sending: BeforeSending,
  call: ErpCall,
): Promise<Done> {
  const found = await orders.find(reference, call)
  if (!found) return done({ number: '', reference, seq: undefined }, 'CANCELLED', 'found')
  if (found.state === 'CANCELLED') return done(found, 'CANCELLED', 'found')
  sending()
  return done(await orders.cancel(found, call), 'CANCELLED', 'created')
}

async function tellMovements(
  movements: MovementsPort,
  { reference, payload }: MovementErpPosting,
  sending: BeforeSending,
  call: ErpCall,
): Promise<Done> {
  const found = await movements.find(reference, call)
  if (found) return { kind: 'done', document: found, how: 'found' }
  sending()
  return { kind: 'done', document: await movements.create(payload, call), how: 'created' }
}

const done = (
  { number, reference, seq }: ErpDocument,
  state: Done['document']['state'],
  how: Done['how'],
): Done => ({ kind: 'done', document: { number, reference, seq, ...(state && { state }) }, how })

/** The policies may be edited so that it is offered: until then it waits. */
const notOffered = (port: string, { connection }: ErpPosting): Outcome => ({
  kind: 'unreachable',
  detail: `${connection} as set up takes no ${port}`,
})

function failed(error: unknown, sent: boolean, wasUnknown: boolean): Outcome {
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
