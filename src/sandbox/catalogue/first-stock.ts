import type { StockLevel } from '../books/records.ts'
import { addDays } from '../format/erp-date.ts'
import type { Article } from './assortment.ts'
import { type Dice, diceFor } from './dice.ts'
import { PLANT_CODES } from './plants.ts'

const DISTRIBUTION_CENTRES = new Set(['1000', '1001'])
const OUTLET = '1007'

/**
 * The stock on the first day: most in stock, some low, some gone, one SKU in forty gone everywhere.
 * The outlet does not list food, so that pair is unknown there rather than zero.
 *
 * @param today YYYYMMDD; deliveries are due in the weeks after it
 */
export function firstStock(
  { material, family }: Article,
  position: number,
  today: string,
): readonly StockLevel[] {
  const { matnr } = material
  const isGoneEverywhere = position % 40 === 39
  return PLANT_CODES.filter(werks => werks !== OUTLET || family.taxClass === '1').map(werks => {
    const dice = diceFor(`stock ${matnr} ${werks}`)
    const pieces = isGoneEverywhere ? 0 : position === 0 ? 40 : drawPieces(dice, werks)
    const grams = family.unit === 'KG' && pieces > 0 ? dice.between(1, 7) * 125 : 0
    const level = { matnr, werks, quantity: pieces * 1000 + grams }
    if (pieces > 5 || !dice.chance(0.6)) return level
    const supply = {
      date: addDays(today, dice.between(2, 21)),
      quantity: dice.between(2, 20) * 12_000,
    }
    return { ...level, supply }
  })
}

function drawPieces(dice: Dice, werks: string): number {
  const roll = dice.next()
  if (roll < 0.08) return 0
  if (roll < 0.2) return dice.between(1, 5)
  return DISTRIBUTION_CENTRES.has(werks) ? dice.between(40, 900) : dice.between(6, 60)
}
