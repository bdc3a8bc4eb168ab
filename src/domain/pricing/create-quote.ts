import { prefixedId } from '../../kernel/ids.ts'
import type { ChannelId } from '../../model/brand.ts'
import type { Channel, Network } from '../../model/network.ts'
import type { ErpCall } from '../../ports/erp.ts'
import type { PriceSource } from '../../ports/price-source.ts'
import { pricingContext } from './pricing-context.ts'
import {
  type PricedLine,
  priceLine,
  type QuoteLineRequest,
  type UnquotableReason,
} from './quote-lines.ts'
import { rowsBySku } from './rows-by-sku.ts'
import {
  addAmounts,
  NOTHING,
  type TaxedAmount,
  type TaxRules,
  type TaxTotal,
  taxLines,
  taxTotals,
} from './tax.ts'

export type QuoteRequest = {
  readonly channel: ChannelId
  /** Absent means the channel's first. */
  readonly currency?: string
  readonly customerGroup?: string
  readonly lines: readonly QuoteLineRequest[]
}

export type QuoteLine = PricedLine & TaxedAmount

export type Quote = {
  readonly quoteId: string
  readonly channel: ChannelId
  readonly currency: string
  readonly customerGroup: string | undefined
  /** Epoch ms. */
  readonly issuedAt: number
  /** The quote binds up to this instant, epoch ms. */
  readonly validUntil: number
  /** How it was rounded: travels with the order, so that nobody rounds it differently. */
  readonly rules: TaxRules
  readonly lines: readonly QuoteLine[]
  readonly taxes: readonly TaxTotal[]
  /** The sum of the lines, exactly. */
  readonly totals: TaxedAmount
}

export type QuoteResult =
  | { readonly ok: true; readonly quote: Quote }
  | { readonly ok: false; readonly unquotable: readonly UnquotableLine[] }

/** `index` counts from 0 in the request's lines. */
export type UnquotableLine = { readonly index: number; readonly reason: UnquotableReason }

export type QuoteDeps = {
  readonly prices: PriceSource
  readonly network: Network
  now(): number
}

/**
 * Prices and taxes a cart, from prices read for this very call. All lines or none: a quote that
 * leaves one out would bind to the wrong total.
 *
 * @throws Problem `unknown-channel`, `currency-not-available`
 * @throws UpstreamFailure when any line's price could not be read
 */
export async function createQuote(
  request: QuoteRequest,
  { prices, network, now }: QuoteDeps,
  call: ErpCall,
): Promise<QuoteResult> {
  const { channel, currency } = pricingContext(request.channel, request.currency, network)
  const { customerGroup } = request
  const issuedAt = now()
  const keys = [...new Set(request.lines.map(line => line.sku))].map(sku => ({
    sku,
    channel: channel.id,
    currency,
    at: issuedAt,
    ...(customerGroup !== undefined && { customerGroup }),
  }))
  const { rows, failures } = await prices.readPrices(keys, call)
  if (failures[0]) throw failures[0].failure

  const bySku = rowsBySku(rows, { channel: channel.id, currency })
  const rule = { customerGroup, at: issuedAt, mode: channel.roundingMode }
  const results = request.lines.map(line => priceLine(line, bySku.get(line.sku) ?? [], rule))
  const priced = results.flatMap(result => (result.ok ? [result.line] : []))
  if (priced.length < results.length) return { ok: false, unquotable: unquotable(results) }

  const lines = taxLines(priced, channel)
  const tooLarge = firstTooLarge(lines)
  if (tooLarge >= 0) {
    return { ok: false, unquotable: [{ index: tooLarge, reason: 'amount-too-large' }] }
  }
  return {
    ok: true,
    quote: {
      quoteId: prefixedId('quo'),
      channel: channel.id,
      currency,
      customerGroup,
      issuedAt,
      validUntil: validUntil(issuedAt, channel, lines),
      rules: { taxRounding: channel.taxRounding, roundingMode: channel.roundingMode },
      lines,
      taxes: taxTotals(lines),
      totals: lines.reduce<TaxedAmount>(addAmounts, NOTHING),
    },
  }
}

const unquotable = (results: readonly ReturnType<typeof priceLine>[]): UnquotableLine[] =>
  results.flatMap((result, index) => (result.ok ? [] : [{ index, reason: result.reason }]))

/** A quote never outlives a price that it was made from. */
function validUntil(issuedAt: number, channel: Channel, lines: readonly QuoteLine[]): number {
  const ends = lines.map(line => line.price.validTo ?? Number.POSITIVE_INFINITY)
  return Math.min(issuedAt + channel.quoteTtlSeconds * 1000, ...ends)
}

/** The first line with which the document leaves what a JSON number carries exactly; −1 when none does. */
function firstTooLarge(lines: readonly QuoteLine[]): number {
  let grossMinor = 0n
  return lines.findIndex(line => {
    grossMinor += line.grossMinor
    return grossMinor > BigInt(Number.MAX_SAFE_INTEGER)
  })
}
