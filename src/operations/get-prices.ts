import * as pricing from '../domain/pricing/get-prices.ts'
import { jsonReply } from '../gateway/reply.ts'
import { Problem } from '../kernel/problems.ts'
import { asChannelId, asSku } from '../model/brand.ts'
import type { components, operations } from '../model/generated/pricing-v1.ts'
import { decimalText, type RoundingMode } from '../model/money.ts'
import type { ErpPrice } from '../model/price.ts'
import { erpCallOf } from './erp-call.ts'
import { priceGroup } from './groups.ts'
import { instantText } from './instant.ts'
import type { Operation } from './operation-deps.ts'
import { shownMoney, unitPriceOf } from './price-words.ts'
import { queryOf } from './typed-input.ts'
import { orUpstreamProblem } from './upstream-problem.ts'

type Wire = components['schemas']

/** `GET /pricing/v1/prices` */
export const getPrices: Operation = deps => async exchange => {
  const { sku, channel, currency, customerGroup, at } = queryOf<operations['getPrices']>(exchange)
  const query = {
    skus: sku.map(asSku),
    channel: asChannelId(channel),
    ...(currency !== undefined && { currency }),
    ...(customerGroup !== undefined && { customerGroup }),
    ...(at !== undefined && { at: parseInstant(at) }),
  }
  const answer = await orUpstreamProblem(
    pricing.getPrices(query, { ...deps, prices: deps.knownPrices }, erpCallOf(exchange)),
  )
  const body: Wire['Prices'] = {
    prices: answer.items.map(item => priceOf(item, answer.roundingMode)),
    unpriced: answer.unpriced.map(({ sku, reason }) => ({ sku, reason })),
    asOf: instantText(answer.asOf),
    stale: answer.isOverdue,
    incomplete: answer.incomplete,
  }
  return jsonReply(200, body, {
    groups: query.skus.map(priceGroup),
    stale: answer.incomplete || answer.isOverdue,
    restamp: () => ({ ...body, stale: true }),
    ...(answer.changesAt !== undefined && { validUntil: answer.changesAt }),
  })
}

function priceOf({ sku, steps }: pricing.PricedSku, mode: RoundingMode): Wire['Price'] {
  const [first] = steps
  return {
    sku,
    channel: first.channel,
    currency: first.currency,
    ...stepOf(first, mode),
    taxIncluded: first.taxIncluded,
    taxCategory: first.taxCategory,
    ...(first.sourceVersion !== undefined && { source: { version: first.sourceVersion } }),
    scales: steps.map(step => stepOf(step, mode)),
  }
}

const stepOf = (row: ErpPrice, mode: RoundingMode): Wire['PriceStep'] => ({
  minQuantity: { value: decimalText(row.minQuantity), uom: row.uom },
  price: shownMoney(row.unitPrice, row.currency, mode),
  unitPrice: unitPriceOf(row),
  ...(row.wasPrice && { wasPrice: shownMoney(row.wasPrice, row.currency, mode) }),
  ...(row.validFrom !== undefined && { validFrom: instantText(row.validFrom) }),
  ...(row.validTo !== undefined && { validTo: instantText(row.validTo) }),
})

/** The contract takes a leap second (`23:59:60`), which no calendar of ours can place. */
function parseInstant(text: string): number {
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return at
  throw new Problem('invalid-request', {
    errors: [{ pointer: '#/query/at', code: 'format', message: 'is not an instant' }],
  })
}
