import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type AcceptContext, acceptOrder } from '../../../../src/domain/orders/accept-order.ts'
import { cancelOrder } from '../../../../src/domain/orders/cancel-order.ts'
import { followOrder } from '../../../../src/domain/orders/follow-order.ts'
import type { OrderRequest } from '../../../../src/domain/orders/order-request.ts'
import { releaseHold } from '../../../../src/domain/orders/release-hold.ts'
import { releasePosting } from '../../../../src/domain/orders/repair-posting.ts'
import { MAX_FAILURES } from '../../../../src/domain/postings/outcome.ts'
import { postToErp } from '../../../../src/domain/postings/post-to-erp.ts'
import { silentLogger } from '../../../../src/kernel/logger.ts'
import {
  UpstreamFailure,
  type UpstreamFailureKind,
} from '../../../../src/kernel/upstream-failure.ts'
import { asChannelId, asLocationId, asSku } from '../../../../src/model/brand.ts'
import type { ErpOrder } from '../../../../src/model/order.ts'
import type { OrdersPort } from '../../../../src/ports/erp.ts'
import type { Database } from '../../../../src/store/database.ts'
import { openDatabase } from '../../../../src/store/open.ts'
import { createStore } from '../../../../src/store/store.ts'
import { TestClock } from '../../../support/test-clock.ts'

const HERE = asLocationId('DC-1')
const MEANING = { quantitySemantics: 'PHYSICAL', changeSequence: 'NATIVE' } as const

const clock = new TestClock()
const sent: { id: string; afterSeconds: number }[] = []
let folder: string
let db: Database
let store: ReturnType<typeof createStore>
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-post-'))
  db = await openDatabase({ dataDir: folder, logger: silentLogger })
  const jobs = {
    within: () => ({
      post: async ({ id }: { id: string }, afterSeconds = 0) =>
        void sent.push({ id, afterSeconds }),
    }),
  }
  store = createStore(db, { clock, jobs })
})
after(async () => {
  await db?.close()
  await rm(folder, { recursive: true, force: true })
})

/** An ERP that keeps what it is given, and fails as it is told to. */
class FakeErp implements OrdersPort {
  readonly documents: ErpOrder[] = []
  /** What happens to the next calls, in order; `lost` does the work first. */
  readonly faults: (UpstreamFailureKind | 'lost' | undefined)[] = []
  #seq = 0n

  async find(reference: string): Promise<ErpOrder | undefined> {
    this.#fail()
    return this.documents.find(document => document.reference === reference)
  }
  async create({ reference }: { reference: string }): Promise<ErpOrder> {
    const number = String(this.documents.length + 1)
    return this.#do(() =>
      this.documents.push({ number, reference, state: 'OPEN', seq: ++this.#seq }),
    )
  }
  async cancel({ reference }: { reference: string }): Promise<ErpOrder> {
    const at = this.documents.findIndex(document => document.reference === reference)
    const [document] = this.documents.slice(at)
    assert.ok(document)
    return this.#do(() => this.documents.splice(at, 1, { ...document, state: 'CANCELLED' }), at)
  }

  #do(work: () => unknown, at = this.documents.length): ErpOrder {
    const fault = this.faults.shift()
    if (fault && fault !== 'lost') throw failure(fault)
    work()
    const done = this.documents[at]
    if (fault === 'lost' || !done) throw failure('unknown')
    return done
  }
  #fail(): void {
    const fault = this.faults.shift()
    if (fault) throw failure(fault === 'lost' ? 'unknown' : fault)
  }
}

const failure = (kind: UpstreamFailureKind): UpstreamFailure =>
  new UpstreamFailure(kind, `erp: ${kind}`, {
    connection: 'erp',
    call: 'orders',
    proxyError: 'http_protocol_error',
  })

let orders = 0
async function placed(pieces = 1) {
  orders++
  const erp = new FakeErp()
  const sku = asSku(`SKU-${orders}`)
  const micros = BigInt(pieces) * 1_000_000n
  const amounts = { netMinor: 100n, taxMinor: 19n, grossMinor: 119n }
  const request: OrderRequest = {
    channel: asChannelId('web'),
    channelOrderId: `W-${orders}`,
    currency: 'EUR',
    lines: [{ lineId: '1', sku, quantity: { micros, uom: 'EA' }, ...amounts }],
    shipping: undefined,
    totals: amounts,
    reservationId: undefined,
    paymentPending: false,
  }
  const context = (): AcceptContext => ({
    now: clock.now(),
    correlationId: 'c',
    consumer: 'shop',
    payloadHash: 'h',
    document: {},
    policyRevision: 'r',
    pool: [HERE],
    bufferMicros: 0n,
    snapshots: [
      {
        sku,
        location: HERE,
        connection: 'erp',
        ...MEANING,
        onHand: { micros: 5_000_000n, uom: 'EA' },
        requestedAt: clock.now(),
        erpSeq: 0n,
      },
    ],
    erpAt: () => ({ connection: 'erp' }),
  })
  const result = await store.write(tx => acceptOrder(tx, request, context()))
  assert.ok(result.outcome === 'accepted')
  const { id } = result.order
  const [posting] = await store.read.postings.ofOrder(id)
  const postingId = posting?.id ?? ''
  const deps = {
    store,
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    random: () => 0.5,
    erp: () => ({ orders: erp, ...MEANING }),
  }
  return {
    id,
    erp,
    request,
    context,
    postingId,
    attempt: (which = postingId) => postToErp(deps, which),
    order: async () => {
      const order = await store.read.orders.find(id)
      assert.ok(order)
      return order
    },
    posting: async () => {
      const found = await store.read.postings.find(postingId)
      assert.ok(found && found.kind !== 'movements')
      return found
    },
  }
}
const occasion = () => ({ now: clock.now(), correlationId: 'c' })

test('an order whose answer is lost is found, and not made again', async () => {
  const { erp, attempt, posting } = await placed()
  erp.faults.push(undefined, 'lost')
  await attempt()
  assert.equal((await posting()).state, 'UNKNOWN')
  await attempt()
  assert.equal((await posting()).state, 'CONFIRMED')
  assert.equal(erp.documents.length, 1)
})

test('while it is not known whether an order arrived, a failed look-up decides nothing', async () => {
  const { erp, attempt, posting } = await placed()
  erp.faults.push(undefined, 'lost', 'unreachable', 'rejected', 'garbled')
  for (let n = 0; n < 4; n++) {
    await attempt()
    assert.equal((await posting()).state, 'UNKNOWN')
  }
  await attempt()
  assert.equal((await posting()).state, 'CONFIRMED')
  assert.equal(erp.documents.length, 1)
})

test('the same job twice at once tells the ERP once', async () => {
  const { erp, attempt } = await placed()
  await Promise.all([attempt(), attempt(), attempt()])
  assert.equal(erp.documents.length, 1)
})

test('an ERP that is away is waited for, however long, with longer and longer pauses', async () => {
  const { erp, attempt, posting } = await placed()
  for (let n = 0; n < 60; n++) erp.faults.push('unreachable')
  for (let n = 0; n < 60; n++) await attempt()
  assert.equal((await posting()).state, 'PENDING')
  assert.ok((sent.at(-1)?.afterSeconds ?? 0) >= 150)
  await attempt()
  assert.equal((await posting()).state, 'CONFIRMED')
})

test('what waits for an ERP that was away is hurried when it is back, the next one first; what it answered nonsense to is not', async () => {
  const failing = async (kind: UpstreamFailureKind, times: number) => {
    const one = await placed()
    for (let n = 0; n < times; n++) {
      one.erp.faults.push(kind)
      await one.attempt()
    }
    return one
  }
  const later = await failing('unreachable', 9)
  const sooner = await failing('busy', 6)
  const nonsense = await failing('garbled', 5)
  const overdue = () =>
    store.write(tx => tx.postings.takeOverdue(clock.now(), clock.now() + 5_000, 100))
  const ids = async () => new Set((await overdue()).map(({ id }) => id))
  await ids()
  await store.write(tx => tx.postings.hurry('erp', 1, clock.now() + 5_000))
  const first = await ids()
  assert.ok(first.has(sooner.postingId) && !first.has(later.postingId))
  await store.write(tx => tx.postings.hurry('erp', 100, clock.now() + 5_000))
  const rest = await ids()
  assert.ok(rest.has(later.postingId) && !rest.has(nonsense.postingId))
})

test('an ERP that answers nonsense is not asked for ever: a person looks, and lets it go on', async () => {
  const { id, erp, attempt, posting, postingId } = await placed()
  for (let n = 0; n < MAX_FAILURES; n++) {
    erp.faults.push(undefined, 'garbled')
    await attempt()
  }
  assert.equal((await posting()).state, 'DEAD')
  assert.equal((await posting()).cause, 'garbled')
  assert.ok((await store.read.postings.dead({}, 100)).some(({ id }) => id === postingId))
  const released = () =>
    store.write(tx =>
      releasePosting(tx, { id: postingId, orderId: id }, 'it is mended', occasion()),
    )
  assert.equal(await released(), true)
  assert.equal(await released(), false)
  await attempt()
  assert.equal((await posting()).state, 'CONFIRMED')
})

test('a business no holds the order and is never sent again by itself; an operator may', async () => {
  const { erp, attempt, order, posting, request, context } = await placed()
  erp.faults.push(undefined, 'rejected')
  await attempt()
  assert.equal((await order()).lifecycle, 'ON_HOLD')
  assert.deepEqual(
    (await order()).holds.map(({ reason }) => reason),
    ['ERP_REJECTED'],
  )
  await attempt()
  assert.equal(erp.documents.length, 0)
  const held = await order()
  const outcome = await store.write(async tx => releaseHold(tx, held, request, 'mapped', context()))
  assert.equal(outcome, 'released')
  await attempt()
  assert.equal((await posting()).state, 'CONFIRMED')
  assert.equal((await order()).lifecycle, 'RELEASED')
})

test('cancelled before any ERP can know of it, an order is never sent', async () => {
  const { erp, attempt, order, posting } = await placed()
  const open = await order()
  assert.equal(await store.write(tx => cancelOrder(tx, open, 'no', occasion())), true)
  await attempt()
  assert.equal((await posting()).state, 'DROPPED')
  assert.equal(erp.documents.length, 0)
  assert.equal((await order()).lifecycle, 'CANCELLED')
})

test('cancelled while it is on its way, it is cancelled there when it has arrived', async () => {
  const { id, erp, attempt, order } = await placed()
  erp.faults.push(undefined, 'lost')
  await attempt()
  const open = await order()
  assert.equal(await store.write(tx => cancelOrder(tx, open, 'no', occasion())), false)
  const cancellation = (await store.read.postings.ofOrder(id)).find(({ kind }) => kind === 'cancel')
  assert.ok(cancellation)
  // Not before its creation is cleared up.
  await attempt(cancellation.id)
  assert.equal((await order()).lifecycle, 'RELEASED')
  await attempt()
  await attempt(cancellation.id)
  assert.equal(erp.documents[0]?.state, 'CANCELLED')
  assert.equal((await order()).lifecycle, 'CANCELLED')
})

test('parts that leave one after the other are counted once each, in whatever order they are told', async () => {
  const { erp, attempt, order, posting } = await placed(5)
  await attempt()
  const [document] = erp.documents
  assert.ok(document)
  const [line] = (await posting()).payload.lines
  assert.ok(line)
  const news = async (pieces: number, state: ErpOrder['state'] = 'OPEN') => {
    const shipped = [
      { sku: line.sku, location: line.location, quantity: BigInt(pieces) * 1_000_000n },
    ]
    const current = await posting()
    await store.write(tx =>
      followOrder(tx, current, { ...document, state, shipped, seq: 9n }, MEANING, occasion()),
    )
  }
  const counted = async () => {
    const [{ shipped, cancelled } = { shipped: 0n, cancelled: 0n }] = (await order()).lines
    return [shipped / 1_000_000n, cancelled / 1_000_000n]
  }
  await news(2)
  assert.equal((await order()).lifecycle, 'IN_FULFILMENT')
  for (const pieces of [1, 3, 2, 3]) await news(pieces)
  assert.deepEqual(await counted(), [3n, 0n])
  // The ERP is done with it: what has not left never will, and is on sale again.
  await news(3, 'SHIPPED')
  assert.deepEqual(await counted(), [3n, 2n])
  assert.equal((await order()).lifecycle, 'FULFILLED')
  const reservation = await store.read.reservations.find((await order()).reservationId ?? '')
  assert.equal(reservation?.state, 'CONSUMED')
  const [counter] = await store.read.stock.counters([line])
  assert.deepEqual([counter?.committed, counter?.unabsorbed], [0n, -3_000_000n])
  await news(4, 'INVOICED')
  const told = (await store.read.events.of('order', (await order()).id)).map(
    ({ data }) => data.kind,
  )
  assert.ok(told.includes('OVER_SHIPPED'))
})

test('news of the ERP in any order and repeated come to one end; what contradicts is told, not refused', async () => {
  const { id, erp, attempt, order, posting } = await placed(2)
  await attempt()
  const [document] = erp.documents
  assert.ok(document)
  const news = async (state: ErpOrder['state']) => {
    const current = await posting()
    await store.write(tx =>
      followOrder(tx, current, { ...document, state, seq: 9n }, MEANING, occasion()),
    )
  }
  for (const state of ['INVOICED', 'SHIPPED', 'OPEN', 'INVOICED'] as const) await news(state)
  assert.equal((await order()).lifecycle, 'FULFILLED')
  assert.equal((await order()).lines[0]?.shipped, 2_000_000n)
  const types = (await store.read.events.of('order', id)).map(({ type }) => type)
  assert.equal(types.filter(type => type === 'order.shipped').length, 1)

  const other = await placed()
  await other.attempt()
  const [theirs] = other.erp.documents
  assert.ok(theirs)
  await store.write(async tx => {
    const locked = await tx.orders.find(other.id, { lock: true })
    assert.ok(locked)
    await tx.orders.update(
      other.id,
      { lifecycle: 'CANCELLED', version: locked.version },
      clock.now(),
    )
  })
  const held = await other.posting()
  await store.write(tx =>
    followOrder(tx, held, { ...theirs, state: 'SHIPPED' }, MEANING, occasion()),
  )
  const told = (await store.read.events.of('order', other.id)).at(-1)
  assert.deepEqual([told?.type, told?.data.kind], ['order.exception', 'SHIPPED_AFTER_CANCEL'])
})

test('an order of several places becomes one order of each where the ERP wants it so, and adds up', async () => {
  const there = asLocationId('DC-2')
  const amounts = { netMinor: 1000n, taxMinor: 0n, grossMinor: 1000n }
  const sku = asSku('SKU-SPLIT')
  const quantity = { micros: 3_000_000n, uom: 'EA' }
  const request: OrderRequest = {
    channel: asChannelId('web'),
    channelOrderId: 'W-split',
    currency: 'EUR',
    lines: [{ lineId: '1', sku, quantity, ...amounts }],
    shipping: undefined,
    totals: amounts,
    reservationId: undefined,
    paymentPending: false,
  }
  const snapshot = (location: typeof HERE, micros: bigint) => ({
    sku,
    location,
    connection: 'erp',
    ...MEANING,
    onHand: { micros, uom: 'EA' },
    requestedAt: clock.now(),
    erpSeq: 0n,
  })
  const result = await store.write(tx =>
    acceptOrder(tx, request, {
      ...occasion(),
      consumer: 'shop',
      payloadHash: 'h',
      document: {},
      policyRevision: 'r',
      pool: [HERE, there],
      bufferMicros: 0n,
      snapshots: [snapshot(HERE, 2_000_000n), snapshot(there, 2_000_000n)],
      erpAt: () => ({ connection: 'erp', oneLocationPerOrder: true }),
    }),
  )
  assert.ok(result.outcome === 'accepted')
  const postings = await store.read.postings.ofOrder(result.order.id)
  assert.equal(postings.length, 2)
  assert.equal(new Set(postings.map(({ reference }) => reference)).size, 2)
  const lines = postings.flatMap(({ payload }) => payload.lines)
  assert.deepEqual(lines.map(({ netAmount }) => netAmount).sort(), ['3.33', '6.67'])
  for (const { payload } of postings) {
    assert.equal(new Set(payload.lines.map(({ location }) => location)).size, 1)
    assert.ok(payload.reference.length <= 35)
  }
})
