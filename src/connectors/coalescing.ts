import { type ErpStock, type StockKey, stockKeyText } from '../model/stock.ts'
import type { ErpConnection } from '../ports/erp.ts'
import { type GatherDeps, gathering } from './coalescing/gather.ts'

/**
 * Lets concurrent reads of one connection share calls; see `gathering`. Everything else passes as it is.
 *
 * Price questions go together when only their SKU differs: a list price answers the question of every
 * customer group, so with two groups in one batch it would come back twice. The instant counts by the
 * second, at which the batch asks: no price list changes within one.
 */
export function coalesceReads(connection: ErpConnection, deps: GatherDeps): ErpConnection {
  const { capabilities, inventory, pricing } = connection
  return {
    ...connection,
    ...(inventory && {
      inventory: {
        ...inventory,
        readStock: gathering<StockKey, ErpStock>(
          {
            connection: connection.name,
            name: 'inventory.readStock',
            maxKeys: capabilities.maxStockKeys,
            laneOf: () => '',
            keyText: stockKeyText,
            rowText: stockKeyText,
            read: (keys, call) => inventory.readStock(keys, call),
          },
          deps,
        ),
      },
    }),
    ...(pricing && {
      pricing: {
        ...pricing,
        readPrices: gathering(
          {
            connection: connection.name,
            name: 'pricing.readPrices',
            maxKeys: capabilities.maxPriceKeys,
            laneOf: ({ channel, currency, customerGroup = '', at }) =>
              [channel, currency, customerGroup, wholeSecond(at)].join('\n'),
            keyText: ({ sku }) => sku,
            rowText: ({ sku }) => sku,
            read: (keys, call) =>
              pricing.readPrices(
                keys.map(key => ({ ...key, at: wholeSecond(key.at) })),
                call,
              ),
          },
          deps,
        ),
      },
    }),
  }
}

const wholeSecond = (at: number): number => Math.floor(at / 1000) * 1000
