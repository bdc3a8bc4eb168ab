import * as pricing from '../domain/pricing/create-quote.ts'
import type { UnquotableReason } from '../domain/pricing/quote-lines.ts'
import { sealQuote } from '../domain/pricing/quote-seal.ts'
import type { TaxedAmount } from '../domain/pricing/tax.ts'
import { jsonReply } from '../gateway/reply.ts'
import { Problem } from '../kernel/problems.ts'
import { asChannelId, asSku } from '../model/brand.ts'
import type { components, operations } from '../model/generated/pricing-v1.ts'
import { decimalText } from '../model/money.ts'
import { toWireQuantity } from '../model/quantity.ts'
import { erpCallOf } from './erp-call.ts'
import { instantText } from './instant.ts'
import type { Operation } from './operation-deps.ts'
import { parseQuantities } from './parse-quantity.ts'
import { money, unitPriceOf } from './price-words.ts'
import { bodyOf } from './typed-input.ts'
import { orUpstreamProblem } from './upstream-problem.ts'

type Wire = components['schemas']

/** `POST /pricing/v1/quotes` */
export const createQuote: Operation = deps => async exchange => {
  const { channel, currency, customerGroup, lines } = bodyOf<operations['createQuote']>(exchange)
  const request = {
    channel: asChannelId(channel),
    ...(currency !== undefined && { currency }),
    ...(customerGroup !== undefined && { customerGroup }),
    lines: parseQuantities(lines, index => `#/body/lines/${index}/quantity`).map(
      ({ lineId, sku, quantity }) => ({
        ...(lineId !== undefined && { lineId }),
        sku: asSku(sku),
        quantity,
      }),
    ),
  }
  const result = await orUpstreamProblem(pricing.createQuote(request, deps, erpCallOf(exchange)))
  if (!result.ok) {
    throw new Problem('price-not-available', {
      errors: result.unquotable.map(({ index, reason }) => ({
        pointer: `#/body/lines/${index}`,
        code: reason,
        message: REASONS[reason],
      })),
    })
  }
  const bound = boundOf(result.quote)
  const body: Wire['Quote'] = { ...bound, quoteHash: sealQuote(bound, deps.quoteKey) }
  return jsonReply(201, body)
}

const REASONS: Readonly<Record<UnquotableReason, string>> = {
  'no-price': 'has no price in this channel and currency at this quantity',
  'ambiguous-price': 'has several prices at the ERP that contradict each other',
  'unit-not-priced': 'is not sold by this unit of measure',
  'tax-rate-not-known': 'has a price for which the ERP states no tax rate',
  'amount-too-large': 'makes the total larger than can be stated exactly',
}

/** All that the quote binds, as it travels. */
function boundOf(quote: pricing.Quote): Omit<Wire['Quote'], 'quoteHash'> {
  const { currency } = quote
  const netAndTax = ({ netMinor, taxMinor }: TaxedAmount) => ({
    net: money(netMinor, currency),
    tax: money(taxMinor, currency),
  })
  return {
    quoteId: quote.quoteId,
    issuedAt: instantText(quote.issuedAt),
    validUntil: instantText(quote.validUntil),
    channel: quote.channel,
    currency,
    ...(quote.customerGroup !== undefined && { customerGroup: quote.customerGroup }),
    ...quote.rules,
    lines: quote.lines.map(line => ({
      ...(line.lineId !== undefined && { lineId: line.lineId }),
      sku: line.sku,
      quantity: toWireQuantity(line.quantity),
      unitPrice: unitPriceOf(line.price),
      taxIncluded: line.taxIncluded,
      taxCategory: line.taxCategory,
      taxRate: decimalText(line.taxRate),
      ...netAndTax(line),
      lineTotal: money(line.grossMinor, currency),
    })),
    taxes: quote.taxes.map(total => ({
      taxCategory: total.taxCategory,
      taxRate: decimalText(total.taxRate),
      ...netAndTax(total),
    })),
    totals: { ...netAndTax(quote.totals), gross: money(quote.totals.grossMinor, currency) },
  }
}
