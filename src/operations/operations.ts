import type { Admitted, Handler } from '../gateway/exchange.ts'
import type { operations as InventoryV1 } from '../model/generated/inventory-v1.ts'
import type { operations as InventoryV2 } from '../model/generated/inventory-v2.ts'
import type { operations as PricingV1 } from '../model/generated/pricing-v1.ts'
import { createQuote } from './create-quote.ts'
import { getAvailability } from './get-availability.ts'
import { getPrices } from './get-prices.ts'
import { getStock } from './get-stock.ts'
import type { OperationDeps } from './operation-deps.ts'
import { queryAvailability } from './query-availability.ts'

/** Every `operationId` of every contract. */
export type OperationId = keyof InventoryV1 | keyof InventoryV2 | keyof PricingV1

/** What serves each operation, by operationId. A forgotten or invented one does not compile. */
export const createOperations = (deps: OperationDeps) =>
  ({
    getStock: getStock(deps),
    getAvailability: getAvailability(deps),
    queryAvailability: queryAvailability(deps),
    getPrices: getPrices(deps),
    createQuote: createQuote(deps),
  }) satisfies { [Id in OperationId]: Handler<Admitted> }
