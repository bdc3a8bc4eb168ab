import type { KeyObject } from 'node:crypto'
import { type Amounts, type OrderRequest, sumErrors } from '../domain/orders/order-request.ts'
import { isSealed } from '../domain/pricing/quote-seal.ts'
import { Problem, type ProblemError } from '../kernel/problems.ts'
import { asChannelId, asLocationId, asSku } from '../model/brand.ts'
import type { components } from '../model/generated/orders-v1.ts'
import { parseQuantities } from './parse-quantity.ts'

type Wire = components['schemas']

/**
 * An order as it came, with everything that a contract cannot say checked: distinct lines, one currency,
 * and sums to the minor unit. All that is wrong is told at once.
 *
 * @throws Problem `invalid-request`
 */
export function parseOrder(body: Wire['OrderRequest']): OrderRequest {
  const errors: ProblemError[] = [...currencyErrors(body), ...duplicateLines(body)]
  const lines = parseQuantities(body.lines, index => `#/body/lines/${index}/quantity`).map(
    line => ({
      lineId: line.lineId,
      sku: asSku(line.sku),
      quantity: line.quantity,
      ...(line.location !== undefined && { location: asLocationId(line.location) }),
      ...amountsOf({ net: line.net, tax: line.tax, gross: line.lineTotal }),
    }),
  )
  const payments = body.payments ?? []
  const order: OrderRequest = {
    channel: asChannelId(body.channelId),
    channelOrderId: body.channelOrderId,
    currency: body.currency,
    lines,
    shipping: body.shipping && amountsOf(body.shipping),
    totals: amountsOf(body.totals),
    reservationId: body.reservationId,
    paymentPending: payments.length > 0 && payments.every(({ status }) => status === 'PENDING'),
  }
  for (const { where, message } of sumErrors(order)) {
    errors.push({ pointer: `#/body/${where}`, code: 'sum', message })
  }
  const paid = payments.reduce((sum, { amount }) => sum + BigInt(amount.amountMinor), 0n)
  if (paid > order.totals.grossMinor) {
    const message = `payments are ${paid}, the order comes to ${order.totals.grossMinor}`
    errors.push({ pointer: '#/body/payments', code: 'sum', message })
  }
  if (errors.length) {
    const detail = `${errors.length} ${errors.length === 1 ? 'part is' : 'parts are'} wrong.`
    throw new Problem('invalid-request', { detail, errors })
  }
  return order
}

const amountsOf = ({ net, tax, gross }: Wire['Amounts']): Amounts => ({
  netMinor: BigInt(net.amountMinor),
  taxMinor: BigInt(tax.amountMinor),
  grossMinor: BigInt(gross.amountMinor),
})

function currencyErrors(body: Wire['OrderRequest']): ProblemError[] {
  const amounts: (readonly [string, Wire['Amount']])[] = [
    ...body.lines.flatMap(({ net, tax, lineTotal }, i) =>
      Object.entries({ net, tax, lineTotal }).map(
        ([name, amount]) => [`lines/${i}/${name}`, amount] as const,
      ),
    ),
    ...Object.entries(body.totals).map(([name, amount]) => [`totals/${name}`, amount] as const),
    ...Object.entries(body.shipping ?? {}).map(
      ([name, amount]) => [`shipping/${name}`, amount] as const,
    ),
    ...(body.payments ?? []).map(({ amount }, i) => [`payments/${i}/amount`, amount] as const),
  ]
  return amounts
    .filter(([, { currency }]) => currency !== body.currency)
    .map(([where]) => ({
      pointer: `#/body/${where}/currency`,
      code: 'currency',
      message: `must be ${body.currency}, as the order's`,
    }))
}

function duplicateLines({ lines }: Wire['OrderRequest']): ProblemError[] {
  const ids = lines.map(({ lineId }) => lineId)
  return ids.flatMap((lineId, index) =>
    ids.indexOf(lineId) === index
      ? []
      : [{ pointer: `#/body/lines/${index}/lineId`, code: 'unique', message: 'is given twice' }],
  )
}

/**
 * Holds an order to the quote that it names: ours, unchanged, still valid, and for just these lines and sums.
 *
 * @throws Problem `price-changed`
 */
export function requireQuoted(body: Wire['OrderRequest'], key: KeyObject, now: number): void {
  if (!body.quote) return
  const refuse = (detail: string): never => {
    throw new Problem('price-changed', { detail })
  }
  const quote = parsedQuote(body.quote.document) ?? refuse('The quote is no JSON object.')
  const { quoteHash, ...bound } = quote
  if (typeof quoteHash !== 'string' || !isSealed(bound, quoteHash, key)) {
    refuse('The quote is not one of ours, or was changed.')
  }
  // What is sealed is a quote of ours.
  const ours = bound as Pick<Wire['OrderRequest'], 'lines' | 'totals' | 'currency'> & {
    channel: string
    validUntil: string
  }
  if (Date.parse(ours.validUntil) < now) refuse(`The quote was valid until ${ours.validUntil}.`)
  if (ours.channel !== body.channelId || ours.currency !== body.currency) {
    refuse('The quote is for another channel or currency.')
  }
  const words = ({ sku, quantity, net, tax, lineTotal }: Wire['OrderRequestLine']): string =>
    JSON.stringify([
      sku,
      Number(quantity.value),
      quantity.uom,
      net.amountMinor,
      tax.amountMinor,
      lineTotal.amountMinor,
    ])
  const [quoted, ordered] = [ours.lines, body.lines].map(lines =>
    lines.map(words).sort().join('\n'),
  )
  if (quoted !== ordered) refuse('The lines are not those of the quote.')
}

function parsedQuote(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
