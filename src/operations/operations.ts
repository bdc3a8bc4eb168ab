import type { Admitted, Handler } from '../gateway/exchange.ts'
import type { operations as InventoryV1 } from '../model/generated/inventory-v1.ts'
import type { operations as InventoryV2 } from '../model/generated/inventory-v2.ts'
import type { operations as OrdersV1 } from '../model/generated/orders-v1.ts'
import type { operations as PricingV1 } from '../model/generated/pricing-v1.ts'
import { cancelOrder } from './cancel-order.ts'
import { createOrder } from './create-order.ts'
import { createQuote } from './create-quote.ts'
import { createReservation } from './create-reservation.ts'
import { extendReservation } from './extend-reservation.ts'
import { findOrders } from './find-orders.ts'
import { getAvailability } from './get-availability.ts'
import { getOrder } from './get-order.ts'
import { getOrderTimeline } from './get-order-timeline.ts'
import { getPosition } from './get-position.ts'
import { getPrices } from './get-prices.ts'
import { getReservation } from './get-reservation.ts'
import { getStock } from './get-stock.ts'
import { listInventoryChanges } from './list-inventory-changes.ts'
import { listOrderChanges } from './list-order-changes.ts'
import type { Operation, OperationDeps } from './operation-deps.ts'
import { queryAvailability } from './query-availability.ts'
import { recordMovements } from './record-movements.ts'
import { releaseReservation } from './release-reservation.ts'

/** Every `operationId` of every contract. */
export type OperationId = keyof InventoryV1 | keyof InventoryV2 | keyof OrdersV1 | keyof PricingV1

/** What makes the handler of each operation. A forgotten or invented one does not compile. */
const makers = {
  getStock,
  getAvailability,
  queryAvailability,
  createReservation,
  getReservation,
  releaseReservation,
  extendReservation,
  getPosition,
  listInventoryChanges,
  recordMovements,
  getPrices,
  createQuote,
  createOrder,
  findOrders,
  getOrder,
  cancelOrder,
  getOrderTimeline,
  listOrderChanges,
} satisfies {
  [Id in OperationId]: Operation
}

/** The ids of the operations that something serves; the policy check compares them with the contracts. */
export const operationIds: ReadonlySet<string> = new Set(Object.keys(makers))

/** What serves each operation, by operationId. */
export const createOperations = (deps: OperationDeps) =>
  Object.fromEntries(Object.entries(makers).map(([id, make]) => [id, make(deps)])) as {
    readonly [Id in OperationId]: Handler<Admitted>
  }
