import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { UpstreamFailure } from '../../kernel/upstream-failure.ts'
import { decimalText, divideRounded, parseDecimal } from '../../model/money.ts'
import type { OrderPosting } from '../../model/order.ts'
import type { OrdersPort } from '../../ports/erp.ts'
import { garbled, misconfigured } from '../failures.ts'
import type { Exchange } from '../http-transport.ts'
import { cancelSale, tooLate } from './cancel-sale.ts'
import type { TrytonClient } from './client.ts'
import type { ReferenceData } from './reference-data.ts'
import { findSale, type Sale, toErpOrder } from './sale.ts'
import { PRICE_DECIMALS, type TrytonSettings } from './settings.ts'
import { readProductIds } from './sold-product.ts'

export type OrdersDeps = {
  readonly client: TrytonClient
  readonly reference: ReferenceData
  readonly settings: TrytonSettings & { readonly orders: NonNullable<TrytonSettings['orders']> }
}

const Id = Type.Union([Type.Integer(), Type.Null()])
const Defaults = Compile(
  Type.Tuple([
    Type.Object({
      invoice_address: Id,
      shipment_address: Id,
      price_list: Type.Optional(Id),
      payment_term: Type.Optional(Id),
    }),
  ]),
)
const LineDefaults = Compile(
  Type.Tuple([
    Type.Object({
      taxes: Type.Optional(
        Type.Object({
          add: Type.Array(Type.Tuple([Type.Integer(), Type.Object({ id: Type.Integer() })])),
        }),
      ),
    }),
  ]),
)
const Ids = Compile(Type.Array(Type.Integer()))

/**
 * Orders as sales: one warehouse each. Tryton is asked for its own defaults first, since a sale made without
 * addresses and taxes has none; prices are ours.
 *
 * A sale is made in one transaction and then quoted and confirmed: one that was left half way bears our
 * reference, and is finished. `sale.reference` is free text, so nothing there hinders two of one reference: the
 * caller looks before each creation, and makes one at a time.
 */
export function createOrders({ client, reference, settings }: OrdersDeps): OrdersPort {
  const { warehouses = {} } = settings
  const locations = new Map(Object.entries(warehouses).map(([ours, theirs]) => [theirs, ours]))

  return {
    find: (ours, call) =>
      client.calls.run('orders.find', call, async exchange => {
        const sale = await findSale(ours, client, exchange)
        return sale && toErpOrder(sale, locations)
      }),
    create: (order, call) =>
      client.calls.run('orders.create', call, async exchange => {
        const begun = await findSale(order.reference, client, exchange)
        const id = begun?.id ?? (await make(order, exchange))
        const sale = await confirm(id, order.reference, exchange)
        const made = toErpOrder(sale, locations)
        // With a queue Tryton processes it later; it has its number, and nothing more is to be done.
        return sale.state === 'confirmed' ? { ...made, state: 'OPEN' } : made
      }),
    cancel: ({ reference: ours, number }, call) =>
      client.calls.run('orders.cancel', call, async exchange => {
        const sale = await findSale(ours, client, exchange)
        if (!sale) return { number, reference: ours, state: 'CANCELLED', seq: undefined }
        const after = toErpOrder(await cancelSale(sale, client, exchange), locations)
        if (after.state !== 'CANCELLED') throw tooLate(`it is ${after.state}`, exchange)
        return after
      }),
  }

  async function make(order: OrderPosting, exchange: Exchange): Promise<number> {
    const { signal } = exchange
    const [{ location } = { location: '' }] = order.lines
    const code = warehouses[location] ?? location
    const warehouse = (await reference.warehouses.get(signal)).get(code)
    if (warehouse === undefined) throw misconfigured(`there is no warehouse "${code}"`, exchange)
    if (order.lines.some(line => line.location !== location)) {
      throw misconfigured('a sale is of one warehouse: set oneLocationPerOrder', exchange)
    }
    const currency = (await reference.currencies.get(signal)).get(order.currency)
    if (currency === undefined) throw misconfigured(`no currency ${order.currency}`, exchange)
    const party = await partyOf(order.channel, exchange)
    const { company } = await client.context(exchange)
    const [defaults] = checked(
      Defaults,
      await client.read(
        'model.sale.sale.on_change',
        [{ company, party, lines: [] }, ['party']],
        {},
        exchange,
      ),
      exchange,
    )
    const sale = {
      company,
      party,
      currency,
      warehouse,
      reference: order.reference,
      invoice_address: defaults.invoice_address,
      shipment_address: defaults.shipment_address,
      price_list: defaults.price_list ?? null,
      payment_term: defaults.payment_term ?? null,
    }
    const lines = await linesOf(order, sale, exchange)
    const params = [[{ ...sale, lines: [['create', lines]] }]]
    const ids = await client.write('model.sale.sale.create', params, {}, exchange)
    const [id] = checked(Ids, ids, exchange)
    if (id === undefined) throw garbled('a sale without an id', exchange)
    return id
  }

  async function partyOf(channel: string, exchange: Exchange): Promise<number> {
    const code = settings.orders.customers[channel]
    if (code === undefined) throw misconfigured(`no customer for channel ${channel}`, exchange)
    const params = [[['code', '=', code]], 0, 1, null]
    const ids = await client.read('model.party.party.search', params, {}, exchange)
    const [party] = checked(Ids, ids, exchange)
    if (party === undefined) throw misconfigured(`there is no party "${code}"`, exchange)
    return party
  }

  /** Which taxes a product has for this customer, Tryton's own rules say: it is asked for each. */
  async function linesOf(
    { lines }: OrderPosting,
    sale: Readonly<Record<string, unknown>>,
    exchange: Exchange,
  ): Promise<readonly object[]> {
    const idsOf = await readProductIds(lines, settings.units, client, exchange)
    const parent = Object.fromEntries(
      ['party', 'company', 'price_list', 'currency', 'warehouse'].map(name => [
        `_parent_sale.${name}`,
        sale[name],
      ]),
    )
    const taxes = new Map<number, readonly number[]>()
    const made: object[] = []
    for (const line of lines) {
      const { product, unit } = idsOf(line.sku)
      const asked = [{ product, quantity: 1, unit, ...parent }, ['product']]
      if (!taxes.has(product)) {
        const answer = await client.read('model.sale.line.on_change', asked, {}, exchange)
        const [{ taxes: found }] = checked(LineDefaults, answer, exchange)
        taxes.set(product, found?.add.map(([, { id }]) => id) ?? [])
      }
      made.push({
        product,
        unit,
        quantity: Number(line.quantity),
        unit_price: { __class__: 'Decimal', decimal: unitPrice(line, settings.priceDecimals) },
        taxes: [['add', taxes.get(product) ?? []]],
      })
    }
    return made
  }

  /** Each button does nothing in a state that is not its own, and says nothing: the state is read after them. */
  async function confirm(id: number, ours: string, exchange: Exchange): Promise<Sale> {
    const press = (button: string) =>
      client.write(`model.sale.sale.${button}`, [[id]], {}, exchange)
    const read = async () => {
      const sale = await findSale(ours, client, exchange)
      if (!sale) throw garbled('a sale that was made is not there', exchange)
      return sale
    }
    try {
      await press('quote')
      await press('confirm')
      const sale = await read()
      if (sale.state !== 'confirmed') return sale
      // Processing comes after the commit, and its error only goes into the server's log: it is asked for here.
      await press('process')
      return await read()
    } catch (error) {
      if (error instanceof UpstreamFailure && error.kind === 'rejected') await discard(id, exchange)
      throw error
    }
  }

  /** What Tryton will not confirm is taken away, as far as it lets us: nobody would look after it. */
  async function discard(id: number, exchange: Exchange): Promise<void> {
    for (const step of ['draft', 'cancel', 'delete']) {
      await client.write(`model.sale.sale.${step}`, [[id]], {}, exchange).catch(() => undefined)
    }
  }
}

/** In as many digits as Tryton keeps; the line's amount, rounded by it, is then what the line is worth. */
export function unitPrice(
  { netAmount, quantity }: Pick<OrderPosting['lines'][number], 'netAmount' | 'quantity'>,
  decimals = PRICE_DECIMALS,
): string {
  const net = parseDecimal(netAmount)
  const count = parseDecimal(quantity)
  const numerator = net.digits * 10n ** BigInt(decimals + count.scale)
  const denominator = count.digits * 10n ** BigInt(net.scale)
  return decimalText({
    digits: divideRounded(numerator, denominator, 'HALF_UP'),
    scale: decimals,
  })
}

function checked<T>(
  schema: { Check(value: unknown): value is T },
  value: unknown,
  exchange: Exchange,
): T {
  if (schema.Check(value)) return value
  throw garbled(`an answer of an unknown form: ${JSON.stringify(value)?.slice(0, 200)}`, exchange)
}
