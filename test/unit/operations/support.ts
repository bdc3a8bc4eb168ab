import { createSecretKey } from 'node:crypto'
import type { Admitted, Handler } from '../../../src/gateway/exchange.ts'
import type { Reply } from '../../../src/gateway/reply.ts'
import { Problem } from '../../../src/kernel/problems.ts'
import type { Channel } from '../../../src/model/network.ts'
import type { ErpPrice } from '../../../src/model/price.ts'
import type { ErpStock } from '../../../src/model/stock.ts'
import type { OperationDeps } from '../../../src/operations/operation-deps.ts'
import { createOperations, type OperationId } from '../../../src/operations/operations.ts'
import { admitted, testConsumer, testPrincipal } from '../../support/exchanges.ts'
import { plainNetwork, plainPrices, plainStock } from '../../support/plain-sources.ts'
import { TestClock } from '../../support/test-clock.ts'

export const START = '2026-11-23T12:00:00.000Z'
export const START_MS = Date.parse(START)
export const quoteKey = createSecretKey(Buffer.alloc(32, 7))

type World = {
  stock?: readonly ErpStock[]
  prices?: readonly ErpPrice[]
  down?: readonly string[]
  channel?: Partial<Channel>
}

type Call = {
  query?: Record<string, unknown>
  pathParams?: Record<string, string>
  parsedBody?: unknown
  scopes?: readonly string[]
  regions?: readonly string[]
  traits?: readonly string[]
}

/** These operations need none. */
const noStore = new Proxy({} as OperationDeps['store'], {
  get: (_, name) => {
    throw new Error(`there is no store to ask for ${String(name)}`)
  },
})

/** A small retailer, and what its operations answer. */
export function createWorld({ stock = [], prices = [], down = [], channel = {} }: World) {
  const clock = new TestClock(START)
  const sources = { stock: plainStock(stock, down), prices: plainPrices(prices, down) }
  const deps: OperationDeps = {
    ...sources,
    promised: sources.stock,
    knownStock: sources.stock,
    knownPrices: sources.prices,
    store: noStore,
    erpAt: () => undefined,
    stockChanged: () => {},
    policyRevision: 'test',
    orderChanged: async () => {},
    network: plainNetwork(channel),
    quoteKey,
    now: () => clock.now(),
  }
  const operations: Record<OperationId, Handler<Admitted>> = createOperations(deps)
  return {
    ...sources,
    clock,
    async call(id: OperationId, call: Call = {}): Promise<Reply> {
      const consumer = testConsumer({ regions: new Set(call.regions ?? ['east', 'west']) })
      const principal = testPrincipal({ consumer, scopes: new Set(call.scopes) })
      return operations[id](admitted({ clock, principal, ...call }))
    },
  }
}

/** The JSON that a reply carries. */
export function jsonOf(reply: Reply): Record<string, unknown> {
  if (reply.body.kind !== 'json') throw new TypeError(`a ${reply.body.kind} body`)
  return JSON.parse(JSON.stringify(reply.body.value))
}

/** The problem that a call ends in. */
export async function problemOf(reply: Promise<Reply>): Promise<Problem> {
  const error = await reply.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof Problem)) throw new TypeError(`not a problem: ${error}`)
  return error
}
