import { failure } from '../failures.ts'
import type { Exchange } from '../http-transport.ts'
import type { TrytonClient } from './client.ts'
import { findSale, isCancelled, isDone, isPosted, type Sale } from './sale.ts'

/**
 * Cancels a sale. Once it is processed its own button answers null and does nothing: its shipments and
 * invoices are cancelled instead, and what that leaves open is settled, as a clerk would. Each step may be
 * done twice.
 *
 * @returns the sale as it is then
 * @throws UpstreamFailure `rejected` when goods have left or an invoice is posted
 */
export async function cancelSale(
  sale: Sale,
  client: TrytonClient,
  exchange: Exchange,
): Promise<Sale> {
  const again = async () => (await findSale(sale.reference, client, exchange)) ?? sale
  const press = (model: string, button: string, ids: readonly number[]) =>
    ids.length
      ? client.write(`model.${model}.${button}`, [ids], {}, exchange)
      : Promise.resolve(undefined)
  if (isCancelled(sale)) return sale
  if (sale.state !== 'processing' && sale.state !== 'done') {
    await press('sale.sale', 'draft', [sale.id])
    await press('sale.sale', 'cancel', [sale.id])
    return again()
  }
  const moves = sale['lines.'].flatMap(line => line['moves.'])
  if (moves.some(isDone) || sale['shipments.'].some(isDone))
    throw tooLate('goods have left', exchange)
  if (sale['invoices.'].some(isPosted)) throw tooLate('its invoice is posted', exchange)
  await press('stock.shipment.out', 'cancel', openOf(sale['shipments.']))
  await press('account.invoice', 'cancel', openOf(sale['invoices.']))
  const { shipment_state, invoice_state, id } = await again()
  if (shipment_state === 'exception') {
    const domain_moves = moves.map(move => move.id)
    await settle('shipment', { recreate_moves: [], domain_moves }, id, client, exchange)
  }
  if (invoice_state === 'exception') {
    const domain_invoices = sale['invoices.'].map(invoice => invoice.id)
    await settle('invoice', { recreate_invoices: [], domain_invoices }, id, client, exchange)
  }
  return again()
}

const openOf = (all: readonly { readonly id: number; readonly state: string }[]): number[] =>
  all.filter(one => !isCancelled(one)).map(({ id }) => id)

/** Answers the question of what to do about cancelled shipments or invoices: nothing is made anew. */
async function settle(
  kind: 'shipment' | 'invoice',
  ask: object,
  id: number,
  client: TrytonClient,
  exchange: Exchange,
): Promise<void> {
  const wizard = `wizard.sale.handle.${kind}.exception`
  const context = { active_model: 'sale.sale', active_id: id, active_ids: [id] }
  const session = await client.write(`${wizard}.create`, [], context, exchange)
  const [number] = Array.isArray(session) ? session : []
  await client.write(`${wizard}.execute`, [number, { ask }, 'handle'], context, exchange)
  await client.write(`${wizard}.delete`, [number], context, exchange)
}

export const tooLate = (what: string, exchange: Exchange) =>
  failure('rejected', `the sale cannot be cancelled: ${what}`, exchange, {
    proxyError: 'http_request_denied',
  })
