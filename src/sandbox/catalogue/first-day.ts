import type { MasterData, PriceRecord, StockLevel } from '../books/records.ts'
import { createAssortment } from './assortment.ts'
import { firstPrices } from './first-prices.ts'
import { firstStock } from './first-stock.ts'

/**
 * A retailer's system as delivered: the same articles, stock and prices every time, with the dates
 * of price changes and deliveries counted from `today` (YYYYMMDD).
 */
export function firstDay(today: string): MasterData {
  const articles = createAssortment()
  const stock: StockLevel[] = []
  const prices: PriceRecord[] = []
  articles.forEach((article, position) => {
    stock.push(...firstStock(article, position, today))
    for (const draft of firstPrices(article, position, today)) {
      prices.push({ knumh: String(prices.length + 1).padStart(10, '0'), ...draft })
    }
  })
  return { materials: articles.map(({ material }) => material), stock, prices }
}
