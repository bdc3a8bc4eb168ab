import { randomUUID } from 'node:crypto'

export type OrderChanges = {
  channelOrderId?: string
  sku?: string
  pieces?: number
  reservationId?: string
}

/** An order of one line at 14.90 gross a piece, paid for. */
export function orderOf({
  channelOrderId = `W-${randomUUID()}`,
  sku = '100001',
  pieces = 2,
  reservationId,
}: OrderChanges) {
  const money = (amountMinor: number) => ({ amountMinor, currency: 'EUR' })
  const [net, tax, gross] = [1252 * pieces, 238 * pieces, 1490 * pieces].map(money)
  return {
    channelId: 'web',
    channelOrderId,
    placedAt: '2026-11-23T13:00:00+01:00',
    currency: 'EUR',
    ...(reservationId && { reservationId }),
    lines: [
      {
        lineId: '1',
        sku,
        quantity: { value: String(pieces), uom: 'EA' },
        net,
        tax,
        lineTotal: gross,
      },
    ],
    totals: { net, tax, gross },
    payments: [{ pspReference: 'psp-1', method: 'card', status: 'AUTHORIZED', amount: gross }],
  }
}
