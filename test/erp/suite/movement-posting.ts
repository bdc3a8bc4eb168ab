import assert from 'node:assert/strict'
import { UpstreamFailure } from '../../../src/kernel/upstream-failure.ts'
import { asLocationId, asSku } from '../../../src/model/brand.ts'
import type { ErpDocument, MovementPosting } from '../../../src/model/order.ts'
import type { MovementsPort } from '../../../src/ports/erp.ts'
import {
  type Cases,
  callWith,
  type ErpUnderTest,
  inventoryOf,
  losingEach,
  stockKey,
  toTruth,
} from './erp-under-test.ts'
import { booksOf, newReference } from './order-posting.ts'

function movementsOf({ connection }: ErpUnderTest): MovementsPort {
  if (!connection.movements) throw new Error(`${connection.name} takes no movements`)
  return connection.movements
}

/** Five pieces of the first goods came, two of the second left. */
function movement(erp: ErpUnderTest): MovementPosting {
  const reference = newReference()
  const deltas = ['5', '-2']
  return {
    reference,
    lines: booksOf(erp)
      .goods.slice(0, 2)
      .map(({ sku, location, uom }, i) => ({
        sku: asSku(sku),
        location: asLocationId(location),
        uom,
        delta: deltas[i] ?? '1',
        source: 'wms',
        sourceId: `${reference}-${i}`,
        kind: 'ADJUSTMENT',
        occurredAt: '2026-11-23T12:00:00+01:00',
      })),
  }
}

async function onHand(erp: ErpUnderTest): Promise<readonly number[]> {
  const goods = booksOf(erp).goods.slice(0, 2)
  const rows = (await inventoryOf(erp).readStock(goods.map(stockKey), callWith())).map(toTruth)
  return goods.map(({ sku, location }) =>
    Number(rows.find(row => row.sku === sku && row.location === location)?.onHand),
  )
}

/** As the domain does it: looked up before every creation, until it is there. */
async function post(erp: ErpUnderTest, movements: MovementPosting): Promise<ErpDocument> {
  const port = movementsOf(erp)
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      const found = await port.find(movements.reference, callWith())
      return found ?? (await port.create(movements, callWith()))
    } catch (error) {
      assert.ok(error instanceof UpstreamFailure, String(error))
      assert.notEqual(error.kind, 'rejected', error.message)
    }
  }
  return assert.fail('five attempts did not post it')
}

const moved = ([one = 0, two = 0]: readonly number[]): readonly number[] => [one + 5, two - 2]

export const movementPosting: Cases = {
  'what came and what left is booked, and found by our reference': async erp => {
    const port = movementsOf(erp)
    const movements = movement(erp)
    const before = await onHand(erp)
    assert.equal(await port.find(movements.reference, callWith()), undefined)
    const made = await port.create(movements, callWith())
    assert.equal(made.reference, movements.reference)
    assert.deepEqual(await onHand(erp), moved(before))
    const found = await port.find(movements.reference, callWith())
    assert.equal(found?.number, made.number)
    // A sequence number, where there is one, is that of the booking, not of the look-up.
    assert.equal(found?.seq, made.seq)
  },

  'however its answers get lost, it is booked once': async erp => {
    await losingEach(erp, 'cut', async () => {
      const before = await onHand(erp).catch(() => onHand(erp))
      await post(erp, movement(erp))
      await erp.faults?.heal()
      assert.deepEqual(await onHand(erp), moved(before))
    })
  },

  'what the ERP does not know is rejected whole': async erp => {
    const { lines, ...movements } = movement(erp)
    const [known, other] = lines
    assert.ok(known && other)
    const before = await onHand(erp)
    const create = movementsOf(erp).create(
      { ...movements, lines: [known, { ...other, sku: asSku('NOBODY-HAS-THIS') }] },
      callWith(),
    )
    await assert.rejects(create, (error: unknown) => {
      assert.ok(error instanceof UpstreamFailure && error.kind === 'rejected', String(error))
      return true
    })
    assert.deepEqual(await onHand(erp), before)
  },
}
