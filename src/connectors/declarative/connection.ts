import type { Clock } from '../../kernel/clock.ts'
import { UpstreamFailure } from '../../kernel/upstream-failure.ts'
import type { ConnectionSettings } from '../../model/erp-connection.ts'
import type { ErpDocument } from '../../model/order.ts'
import { type ErpPrice, type PriceKey, samePriceQuestion } from '../../model/price.ts'
import { type StockKey, stockKeyText } from '../../model/stock.ts'
import type { ErpCall, ErpConnection } from '../../ports/erp.ts'
import type { Gate } from '../gate/gate.ts'
import { createClient } from './client.ts'
import { type CompiledCall, compileCall } from './compile-call.ts'
import { type Complaint, MappingError } from './expression.ts'
import { grouped } from './grouped.ts'
import { compileJsonata, Unbounded } from './jsonata-rows.ts'
import { ordersOf, toChange, toErpDocument, toPrice, toStock } from './read-rows.ts'
import type { CallSettings, DeclarativeSettings } from './settings.ts'

/**
 * An ERP that a policy file describes: any that speaks JSON over HTTP.
 *
 * @throws Error when the mapping does not compile; the policy check says so before, with its place
 */
export function createDeclarativeConnection(
  connection: ConnectionSettings,
  { clock, gate }: { clock: Clock; gate: Gate },
): ErpConnection {
  const settings = connection.settings as unknown as DeclarativeSettings
  const complaints: Complaint[] = []
  const compile = (name: keyof DeclarativeSettings['calls']): CompiledCall | undefined => {
    const call = settings.calls[name]
    return call && compileCall(name, call, settings, connection.timeZone, complaints)
  }
  const ping = compile('ping')
  const readStock = compile('inventory.readStock')
  const readPrices = compile('pricing.readPrices')
  const findOrder = compile('orders.find')
  const createOrder = compile('orders.create')
  const cancelOrder = compile('orders.cancel')
  const findMovements = compile('movements.find')
  const createMovements = compile('movements.create')
  const changesSince = compile('changes.since')
  const [complaint] = complaints
  if (!ping || complaint) {
    throw new Error(
      `${connection.name}: ${complaint ? `${complaint.path.join('.')}: ${complaint.message}` : 'no ping'}`,
    )
  }
  const client = createClient(connection, settings, { now: clock.monotonic, gate })

  /** Groups of keys go one after another: the guard has given this read one place, not several. */
  const ask = async <Key extends object, Row>(
    name: string,
    compiled: CompiledCall,
    keys: readonly Key[],
    call: ErpCall,
    toRow: (
      row: Readonly<Record<string, unknown>>,
      group: readonly Key[],
      requestedAt: number,
    ) => Row | undefined,
  ): Promise<readonly Row[]> => {
    const rows: Row[] = []
    for (const group of grouped(keys, compiled.settings.groupBy)) {
      const requestedAt = clock.now()
      const input = { ...group[0], keys: group, now: requestedAt }
      for (const row of await client.call(name, compiled, input, call)) {
        const made = orGarbled(connection.name, name, () => toRow(row, group, requestedAt))
        if (made !== undefined) rows.push(made)
      }
    }
    return rows
  }

  /** Calls about documents: what the rows of an answer are, `read` says. */
  const documents = async <Document extends ErpDocument>(
    name: string,
    compiled: CompiledCall,
    input: Readonly<Record<string, unknown>>,
    read: (rows: readonly Readonly<Record<string, unknown>>[]) => readonly Document[],
    call: ErpCall,
  ): Promise<readonly Document[]> => {
    const rows = await client.call(name, compiled, { keys: [], now: clock.now(), ...input }, call)
    return orGarbled(connection.name, name, () => read(rows))
  }
  /** The one that bears our reference: two would be one too many to know which is meant. */
  const found = <Document extends ErpDocument>(
    name: string,
    reference: string,
    all: readonly Document[],
  ): Document | undefined => {
    const ours = all.filter(document => document.reference === reference)
    return ours.length ? one(name, ours) : undefined
  }
  /** What was posted is one document, or we do not know what it is. */
  const one = <Document>(name: string, [document, ...others]: readonly Document[]): Document =>
    orGarbled(connection.name, name, () => {
      if (!document || others.length) throw new MappingError('the answer is not one document')
      return document
    })

  return {
    name: connection.name,
    capabilities: connection.capabilities,
    ...(readStock && {
      inventory: {
        readStock: (keys, call) => {
          const wanted = new Set(keys.map(stockKeyText))
          const answered = new Map<string, bigint>()
          return ask<StockKey, ReturnType<typeof toStock>>(
            'inventory.readStock',
            readStock,
            keys,
            call,
            (row, _group, requestedAt) => {
              const stock = toStock(row, requestedAt)
              const text = stockKeyText(stock)
              // What nobody asked for is no answer.
              if (!wanted.has(text)) return undefined
              // Lots, bins, stock types: neither of two figures is the stock, and adding them is a guess.
              const before = answered.get(text)
              if (before !== undefined && before !== stock.onHand.micros) {
                throw new MappingError('two rows tell different stock of one SKU and location')
              }
              answered.set(text, stock.onHand.micros)
              return stock
            },
          )
        },
      },
    }),
    ...(readPrices && {
      pricing: {
        readPrices: (keys, call) =>
          ask<PriceKey, ErpPrice>(
            'pricing.readPrices',
            readPrices,
            keys,
            call,
            (row, group, requestedAt) => {
              const [first] = group
              if (!first) return undefined
              const price = toPrice(row, first, requestedAt)
              return group.some(key => samePriceQuestion(key, price)) ? price : undefined
            },
          ),
      },
    }),
    ...(findOrder &&
      createOrder &&
      cancelOrder && {
        orders: {
          find: async (reference, call) =>
            found(
              'orders.find',
              reference,
              await documents('orders.find', findOrder, { reference }, ordersOf, call),
            ),
          create: async (order, call) =>
            one(
              'orders.create',
              await documents('orders.create', createOrder, order, ordersOf, call),
            ),
          cancel: async (order, call) =>
            one(
              'orders.cancel',
              await documents('orders.cancel', cancelOrder, order, ordersOf, call),
            ),
        },
      }),
    ...(findMovements &&
      createMovements && {
        movements: {
          find: async (reference, call) =>
            found(
              'movements.find',
              reference,
              await documents(
                'movements.find',
                findMovements,
                { reference },
                rows => rows.map(toErpDocument),
                call,
              ),
            ),
          create: async (movements, call) =>
            one(
              'movements.create',
              await documents(
                'movements.create',
                createMovements,
                movements,
                rows => rows.map(toErpDocument),
                call,
              ),
            ),
        },
      }),
    ...(changesSince && {
      changes: {
        async since(cursor, call) {
          const input = { keys: [], now: clock.now(), ...(cursor !== undefined && { cursor }) }
          const { rows, ...rest } = await client.changes('changes.since', changesSince, input, call)
          const read = () => rows.map(toChange)
          return { changes: orGarbled(connection.name, 'changes.since', read), ...rest }
        },
      },
    }),
    async ping(call) {
      await client.call('ping', ping, { keys: [], now: clock.now() }, call)
    },
    async close() {
      client.close()
    },
  }
}

/** What does not compile in the settings, with its path in them: for the policy check. */
export function validateDeclarativeSettings(
  raw: unknown,
): readonly (Complaint & { severity?: 'warning' })[] {
  const settings = raw as DeclarativeSettings
  const complaints: (Complaint & { severity?: 'warning' })[] = []
  for (const [name, call] of Object.entries(settings.calls)) {
    compileCall(name as keyof DeclarativeSettings['calls'], call, settings, 'UTC', complaints)
    complaints.push(...askedForOneKeyOnly(name, call))
    if (call.jsonata !== undefined) {
      complaints.push({
        path: ['calls', name, 'jsonata'],
        message:
          'JSONata takes milliseconds where the vocabulary takes microseconds: only for calls that are rare',
        severity: 'warning',
      })
    }
  }
  return complaints
}

/** What a call takes from the first of its keys, it would ask for that one only, unless the keys are grouped by it. */
function askedForOneKeyOnly(name: string, call: CallSettings): readonly Complaint[] {
  const fields = KEY_FIELDS[name]
  if (!fields) return []
  const { path, query, headers, body } = call
  // Below `each` a name is a member of the key at hand; outside it is the first key's.
  const outside = JSON.stringify([path, query, headers, body], (_, value) =>
    typeof value === 'object' && value !== null && 'each' in value ? undefined : value,
  )
  return fields
    .filter(field => new RegExp(`"(from)":"${field}"|\\{${field}\\}`).test(outside))
    .filter(field => !call.groupBy?.includes(field))
    .map(field => ({
      path: ['calls', name],
      message: `${field} is that of the first key only: add it to groupBy, or ask for all keys with each`,
    }))
}

/** Of the calls that are asked for several keys, what may differ between the keys. */
const KEY_FIELDS: Readonly<Record<string, readonly string[]>> = {
  'inventory.readStock': ['sku', 'location'],
  'pricing.readPrices': ['sku', 'channel', 'currency', 'customerGroup'],
}

/** Expressions that never end, found by running them on nothing; what only fails is for the answer to say. */
export async function tryOutDeclarativeSettings(raw: unknown): Promise<readonly Complaint[]> {
  const calls = (raw as { calls?: Record<string, { jsonata?: unknown }> } | undefined)?.calls ?? {}
  const complaints: Complaint[] = []
  for (const [name, call] of Object.entries(calls)) {
    if (typeof call?.jsonata !== 'string') continue
    try {
      await compileJsonata(call.jsonata)({})
    } catch (error) {
      if (!(error instanceof Unbounded)) continue
      complaints.push({ path: ['calls', name, 'jsonata'], message: `${error.message}: bound it` })
    }
  }
  return complaints
}

function orGarbled<T>(connection: string, call: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof MappingError)) throw error
    const details = { connection, call, proxyError: 'http_protocol_error' as const }
    throw new UpstreamFailure('garbled', `${connection}: ${call}: ${error.message}`, details)
  }
}
