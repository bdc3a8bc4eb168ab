import type { PriceRecord } from '../books/records.ts'
import { addDays, FOR_EVER } from '../format/erp-date.ts'
import type { Article } from './assortment.ts'
import { diceFor } from './dice.ts'
import { SALES_CHANNELS, TAX_PERCENT } from './sales-channels.ts'

/** A record before it has a number. */
export type Draft = Omit<PriceRecord, 'knumh'>

const USD_PER_EUR = 1.08
/** The customer group with a price list of its own. */
const GOLD = 'G1'

/**
 * An article's prices on the first day. The gaps are on purpose: not everything is on the
 * marketplace or for business customers, and some prices change in the weeks to come.
 *
 * @param position the article's place in the assortment; the first one has every price
 * @param today    YYYYMMDD
 */
export function firstPrices(article: Article, position: number, today: string): readonly Draft[] {
  const { material, family } = article
  const dice = diceFor(`price ${material.matnr}`)
  const ending = dice.chance(0.5) ? 90 : 99
  const shop = position === 0 ? 1490 : dice.between(family.priceFrom, family.priceTo) * 100 + ending
  const from = `${Number(today.slice(0, 4)) - 1}0101`
  const base = { matnr: material.matnr, konda: '', from, to: FOR_EVER, per: 1 }
  const least = family.unit === 'KG' ? 0 : 1000
  const shopPrice = (vtweg: string, amount: number): Draft => ({
    ...base,
    vtweg,
    currency: 'EUR',
    scales: [{ from: least, amount }],
  })
  const drafts: Draft[] = []
  if (position % 97 !== 50) {
    const inTime = position % 13 === 5 ? promoted : position % 11 === 3 ? changing : always
    drafts.push(...inTime(shopPrice(SALES_CHANNELS.web, shop), today))
    drafts.push(...inTime(shopPrice(SALES_CHANNELS.store, shop), today))
  }
  if (family.unit !== 'KG' && position % 9 !== 4) {
    drafts.push(shopPrice(SALES_CHANNELS.marketplace, Math.round(shop * 1.05)))
  }
  if (position % 7 !== 6) drafts.push(...businessPrices(article, position, { ...base, from }, shop))
  return drafts
}

/** Net, cheaper in quantity; in US dollars for two in three, and with a group price for one in five. */
function businessPrices(
  { material, family }: Article,
  position: number,
  base: Omit<Draft, 'vtweg' | 'currency' | 'scales'>,
  shop: number,
): Draft[] {
  const per = family.soldByHundred ? 100 : 1
  const net = (shop * per * 0.8) / (1 + TAX_PERCENT[material.taxClass] / 10_000)
  const least = family.unit === 'KG' ? 0 : 1000
  const steps = family.unit === 'KG' ? [5_000, 20_000] : [10_000 * per, 50_000 * per]
  const list = (currency: string, konda: string, factor: number): Draft => ({
    ...base,
    per,
    vtweg: SALES_CHANNELS.b2b,
    currency,
    konda,
    scales: [least, ...steps].map((from, step) => ({
      from,
      amount: Math.round(net * factor * (1 - step * 0.05)),
    })),
  })
  return [
    list('EUR', '', 1),
    ...(position % 3 !== 2 ? [list('USD', '', USD_PER_EUR)] : []),
    ...(position % 5 === 0 ? [list('EUR', GOLD, 0.88)] : []),
  ]
}

const always = (price: Draft): Draft[] => [price]

/** One price until a day to come, another from then on. */
function changing(price: Draft, today: string): Draft[] {
  const last = addDays(today, diceFor(`change ${price.matnr}`).between(1, 35))
  return [
    { ...price, to: last },
    { ...price, from: addDays(last, 1), scales: scaled(price, 1.1) },
  ]
}

/** Reduced now, for a fortnight, with the old price struck through. */
function promoted(price: Draft, today: string): Draft[] {
  const [first, last] = [addDays(today, -3), addDays(today, 10)]
  return [
    { ...price, to: addDays(first, -1) },
    { ...price, from: first, to: last, was: price.scales[0]?.amount, scales: scaled(price, 0.8) },
    { ...price, from: addDays(last, 1) },
  ]
}

const scaled = ({ scales }: Draft, factor: number): Draft['scales'] =>
  scales.map(({ from, amount }) => ({ from, amount: Math.round(amount * factor) }))
