import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Clock } from '../../kernel/clock.ts'
import { UpstreamFailure } from '../../kernel/upstream-failure.ts'
import type { ErpDocument, MovementPosting } from '../../model/order.ts'
import type { MovementsPort } from '../../ports/erp.ts'
import { garbled, misconfigured } from '../failures.ts'
import type { Exchange } from '../http-transport.ts'
import type { TrytonClient } from './client.ts'
import type { ReferenceData } from './reference-data.ts'
import type { TrytonSettings } from './settings.ts'
import { readProductIds } from './sold-product.ts'
import { toTrytonDate } from './values.ts'

export type MovementsDeps = {
  readonly client: TrytonClient
  readonly reference: ReferenceData
  readonly settings: TrytonSettings
  readonly timeZone: string
  readonly clock: Clock
}

const Shipment = Type.Object({
  id: Type.Integer(),
  number: Type.Union([Type.String(), Type.Null()]),
  reference: Type.String(),
  state: Type.String(),
})
type Shipment = Static<typeof Shipment>
const Shipments = Compile(Type.Array(Shipment))
const Ids = Compile(Type.Array(Type.Integer()))

/**
 * Movements as internal shipments between a warehouse's storage and its lost-and-found: one for what came and
 * one for what left of each place, all made in one transaction. A count (`stock.inventory`) has no field that
 * would bear our reference, and books the difference to what was there when it was made.
 *
 * What is gone is gone, whatever Tryton has there: where it does not find enough the user needs the group *Stock
 * Force Assignment*, else it is `rejected`.
 */
export function createMovements(deps: MovementsDeps): MovementsPort {
  const { client } = deps
  return {
    find: (reference, call) =>
      client.calls.run('movements.find', call, async exchange => {
        const shipments = await find(reference, client, exchange)
        return isBooked(shipments) ? toDocument(reference, shipments) : undefined
      }),
    create: (movements, call) =>
      client.calls.run('movements.create', call, async exchange => {
        const begun = await find(movements.reference, client, exchange)
        const ids = begun.length
          ? begun.filter(({ state }) => state !== 'done').map(({ id }) => id)
          : await make(movements, deps, exchange)
        await book(ids, client, exchange)
        const after = await find(movements.reference, client, exchange)
        if (!isBooked(after)) throw garbled('shipments that are not done', exchange)
        return toDocument(movements.reference, after)
      }),
  }
}

const isBooked = (shipments: readonly Shipment[]): boolean =>
  shipments.length > 0 && shipments.every(({ state }) => state === 'done')

const toDocument = (reference: string, shipments: readonly Shipment[]): ErpDocument => ({
  number: shipments.map(({ number, id }) => number ?? `id ${id}`).join(', '),
  reference,
  seq: undefined,
})

async function find(
  reference: string,
  client: TrytonClient,
  exchange: Exchange,
): Promise<readonly Shipment[]> {
  const domain = [
    ['reference', 'like', `${reference}/%`],
    ['state', '!=', 'cancelled'],
  ]
  const params = [domain, 0, null, [['id', 'ASC']], ['number', 'reference', 'state']]
  const rows = await client.read('model.stock.shipment.internal.search_read', params, {}, exchange)
  if (!Shipments.Check(rows)) throw garbled('shipments of an unknown form', exchange)
  return rows
}

async function make(
  { reference, lines }: MovementPosting,
  { client, reference: known, settings, timeZone, clock }: MovementsDeps,
  exchange: Exchange,
): Promise<readonly number[]> {
  const storages = await known.storages.get(exchange.signal)
  const idsOf = await readProductIds(lines, settings.units, client, exchange)
  const { company } = await client.context(exchange)
  const day = toTrytonDate(clock.now(), timeZone)
  const byWay = Map.groupBy(lines, ({ location, delta }) =>
    JSON.stringify([location, delta.startsWith('-') ? 'out' : 'in']),
  )
  const shipments = [...byWay].map(([way, moved], i) => {
    const [location, direction] = JSON.parse(way) as [string, 'in' | 'out']
    const code = settings.warehouses?.[location] ?? location
    const { storage, lostFound } = storages.get(code) ?? {}
    if (storage === undefined || typeof lostFound !== 'number') {
      throw misconfigured(`no warehouse "${code}" with a lost and found location`, exchange)
    }
    const [from, to] = direction === 'in' ? [lostFound, storage] : [storage, lostFound]
    const ends = { company, from_location: from, to_location: to, planned_date: day }
    return {
      ...ends,
      reference: `${reference}/${i + 1}`,
      planned_start_date: day,
      effective_date: day,
      moves: [
        [
          'create',
          moved.map(({ sku, delta }) => {
            const { product, unit } = idsOf(sku)
            return { ...ends, product, uom: unit, quantity: Math.abs(Number(delta)) }
          }),
        ],
      ],
    }
  })
  const method = 'model.stock.shipment.internal.create'
  const ids = await client.write(method, [shipments], {}, exchange)
  if (!Ids.Check(ids)) throw garbled('shipments without ids', exchange)
  return ids
}

/** Each button does nothing in a state that is not its own. */
async function book(
  ids: readonly number[],
  client: TrytonClient,
  exchange: Exchange,
): Promise<void> {
  const press = (button: string) =>
    client.write(`model.stock.shipment.internal.${button}`, [ids], {}, exchange)
  await press('wait')
  try {
    if ((await press('assign_try')) !== true) await press('assign_force')
    await press('done')
  } catch (error) {
    const isRefused = error instanceof UpstreamFailure && error.kind === 'rejected'
    // What was set aside for it is given back, and nothing half done is left.
    if (isRefused) for (const step of ['wait', 'cancel']) await press(step).catch(() => undefined)
    throw error
  }
}
