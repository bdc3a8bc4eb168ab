import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { UpstreamFailure } from '../../../src/kernel/upstream-failure.ts'
import { asChannelId, asLocationId, asSku } from '../../../src/model/brand.ts'
import type { ErpOrder, OrderPosting } from '../../../src/model/order.ts'
import type { OrdersPort } from '../../../src/ports/erp.ts'
import {
  type Cases,
  callWith,
  type ErpUnderTest,
  type Goods,
  inventoryOf,
  losingEach,
  stockKey,
  toTruth,
  type WriteBooks,
} from './erp-under-test.ts'

export function booksOf({ writes, connection }: ErpUnderTest): WriteBooks {
  if (!writes) throw new Error(`${connection.name} may not be written to`)
  return writes
}

function ordersOf({ connection }: ErpUnderTest): OrdersPort {
  if (!connection.orders) throw new Error(`${connection.name} takes no orders`)
  return connection.orders
}

/** As the domain makes references: 32 characters of an id. */
export const newReference = (): string => randomUUID().replaceAll('-', '')

function orderOf(
  erp: ErpUnderTest,
  lines: readonly (Pick<Goods, 'sku' | 'location' | 'uom'> & {
    readonly quantity: string
    readonly netAmount: string
  })[],
): OrderPosting {
  const { channel, currency } = booksOf(erp)
  return {
    reference: newReference(),
    channel: asChannelId(channel),
    currency,
    lines: lines.map(({ sku, location, ...line }, i) => ({
      ...line,
      lineId: String(i + 1),
      sku: asSku(sku),
      location: asLocationId(location),
      netUnitPrice: (Number(line.netAmount) / Number(line.quantity)).toFixed(2),
    })),
  }
}

/** Some of each of the first two goods. */
function plainOrder(erp: ErpUnderTest, pieces = 3): OrderPosting {
  const [one, two] = booksOf(erp).goods
  assert.ok(one && two)
  return orderOf(erp, [
    { ...one, quantity: String(pieces), netAmount: '31.50' },
    { ...two, quantity: '1', netAmount: '9.99' },
  ])
}

/** As the domain does it: looked up before every creation, until it is there. */
async function post(erp: ErpUnderTest, order: OrderPosting): Promise<ErpOrder> {
  const orders = ordersOf(erp)
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      const found = await orders.find(order.reference, callWith())
      if (found && found.state !== 'DRAFT') return found
      return await orders.create(order, callWith())
    } catch (error) {
      assert.ok(error instanceof UpstreamFailure, String(error))
      assert.notEqual(error.kind, 'rejected', error.message)
    }
  }
  return assert.fail('five attempts did not post it')
}

async function oneInTheBooks(erp: ErpUnderTest, order: OrderPosting, number: string) {
  const documents = await booksOf(erp).orders(order.reference)
  assert.deepEqual(
    documents.map(document => document.number),
    [number],
  )
  const [document] = documents
  const expected = order.lines.map(({ sku, quantity }) => ({ sku, quantity: Number(quantity) }))
  assert.deepEqual(document?.lines, expected)
  return document
}

const quantityLeft = (order: ErpOrder | undefined, sku: string): bigint | undefined =>
  order?.shipped?.find(part => part.sku === sku)?.quantity

async function rejected(work: Promise<unknown>): Promise<UpstreamFailure> {
  const error = await work.then(
    () => assert.fail('it was taken'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof UpstreamFailure, String(error))
  assert.equal(error.kind, 'rejected', error.message)
  return error
}

export const orderPosting: Cases = {
  'an order gets a number, and is found by our reference': async erp => {
    const orders = ordersOf(erp)
    const order = plainOrder(erp)
    assert.equal(await orders.find(order.reference, callWith()), undefined)
    const made = await orders.create(order, callWith())
    assert.equal(made.reference, order.reference)
    assert.equal(made.state, 'OPEN')
    const found = await orders.find(order.reference, callWith())
    assert.deepEqual([found?.number, found?.state], [made.number, 'OPEN'])
    const document = await oneInTheBooks(erp, order, made.number)
    assert.equal(document?.net, '41.49')
  },

  'orders at the same time do not mix': async erp => {
    const all = Array.from({ length: 4 }, (_, i) => plainOrder(erp, i + 1))
    const made = await Promise.all(all.map(order => post(erp, order)))
    for (const [i, order] of all.entries()) await oneInTheBooks(erp, order, made[i]?.number ?? '')
  },

  // The one that doubles orders everywhere: the work is done, and nobody hears of it.
  'however its answers get lost, it is made once': async erp => {
    await losingEach(erp, 'cut', async () => {
      const order = plainOrder(erp)
      await oneInTheBooks(erp, order, (await post(erp, order)).number)
    })
  },

  'however its requests get lost, it is made once': async erp => {
    await losingEach(erp, 'drop', async () => {
      const order = plainOrder(erp)
      await oneInTheBooks(erp, order, (await post(erp, order)).number)
    })
  },

  'what the ERP will not have is rejected, and leaves nothing behind': async erp => {
    const [goods] = booksOf(erp).goods
    assert.ok(goods)
    const order = orderOf(erp, [
      { ...goods, quantity: '1', netAmount: '1.00' },
      { ...goods, sku: 'NOBODY-HAS-THIS', quantity: '1', netAmount: '1.00' },
    ])
    await rejected(ordersOf(erp).create(order, callWith()))
    assert.deepEqual(await booksOf(erp).orders(order.reference), [])
  },

  'a line is worth what we say, though the price of one unit has no end': async erp => {
    const [goods] = booksOf(erp).goods
    assert.ok(goods)
    const order = orderOf(erp, [{ ...goods, quantity: '3', netAmount: '10.00' }])
    const { number } = await post(erp, order)
    const document = await oneInTheBooks(erp, order, number)
    assert.equal(document?.net, '10.00')
  },

  'a cancelled order is cancelled there, and may be cancelled again': async erp => {
    const orders = ordersOf(erp)
    const order = plainOrder(erp)
    const made = await post(erp, order)
    assert.equal((await orders.cancel(made, callWith())).state, 'CANCELLED')
    const found = await orders.find(order.reference, callWith())
    assert.equal(found?.state, 'CANCELLED')
    const [document] = await booksOf(erp).orders(order.reference)
    assert.equal(document?.isCancelled, true)
  },

  'however the answers to a cancellation get lost, it is cancelled': async erp => {
    const orders = ordersOf(erp)
    // Made one more than is cancelled, so that only the cancellation meets the fault.
    let next = await post(erp, plainOrder(erp))
    await losingEach(erp, 'cut', async () => {
      const made = next
      for (let attempt = 0; ; attempt++) {
        assert.ok(attempt < 5, 'five attempts did not cancel it')
        const state = await orders
          .find(made.reference, callWith())
          .then(found => found?.state)
          .catch(() => undefined)
        if (state === 'CANCELLED') break
        if (state) await orders.cancel(made, callWith()).catch(() => undefined)
      }
      await erp.faults?.heal()
      next = await post(erp, plainOrder(erp))
    })
  },

  'what has left in parts is told in parts, and cannot be cancelled any more': async erp => {
    const { ship, goods } = booksOf(erp)
    assert.ok(ship, 'this case needs somebody who ships')
    const [one, two] = goods
    assert.ok(one && two)
    const orders = ordersOf(erp)
    const order = plainOrder(erp, 3)
    const made = await post(erp, order)
    await ship(made.number, [{ sku: one.sku, location: one.location, quantity: 2 }])
    const partly = await orders.find(order.reference, callWith())
    assert.equal(partly?.state, 'OPEN')
    assert.equal(quantityLeft(partly, one.sku), 2_000_000n)
    await rejected(orders.cancel(made, callWith()))
    await ship(made.number, [
      { sku: one.sku, location: one.location, quantity: 1 },
      { sku: two.sku, location: two.location, quantity: 1 },
    ])
    const done = await orders.find(order.reference, callWith())
    assert.equal(done?.state, 'SHIPPED')
    assert.equal(quantityLeft(done, one.sku), 3_000_000n)
    assert.equal(quantityLeft(done, two.sku), 1_000_000n)
  },

  'an order changes the stock as the declared semantics say, shipping it as goods do':
    async erp => {
      const { ship, goods } = booksOf(erp)
      const [one, two] = goods
      assert.ok(one && two)
      const read = async () => {
        const rows = await inventoryOf(erp).readStock([stockKey(one)], callWith())
        return Number(rows.map(toTruth)[0]?.onHand)
      }
      const before = await read()
      const made = await post(erp, plainOrder(erp, 2))
      const isNet = erp.connection.capabilities.quantitySemantics === 'NET_OF_ERP_ORDERS'
      assert.equal(await read(), isNet ? before - 2 : before)
      if (!ship) return
      await ship(made.number, [
        { sku: one.sku, location: one.location, quantity: 2 },
        { sku: two.sku, location: two.location, quantity: 1 },
      ])
      assert.equal(await read(), before - 2)
    },
}
