import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

export const DATABASE = 'odoo19'
export const USER = 'gateway'
export const KEY = 'odoo-api-key-0123456789'
export const COMPANY = 1
const UID = 2

export type FakeProduct = {
  readonly id: number
  readonly default_code: string
  readonly uom_id: readonly [number, string]
  readonly barcode: string | false
  readonly lst_price: number
  /** On hand and reserved, by warehouse id. */
  readonly stock: Readonly<Record<number, { readonly quantity: number; readonly reserved: number }>>
}

/** An exception that Odoo raises while it works, told over either protocol. */
export type FakeError = { readonly name: string; readonly message: string; readonly status: number }

export const SERIALIZATION: FakeError = {
  name: 'psycopg2.errors.SerializationFailure',
  message: 'could not serialize access due to concurrent update\n',
  status: 500,
}
const DENIED = { name: 'odoo.exceptions.AccessDenied', message: 'Access Denied', status: 401 }

export type FakeOdoo = {
  readonly address: string
  readonly products: FakeProduct[]
  /** Every method that was called: `product.product.read`. */
  readonly calls: string[]
  /** The next calls of business methods raise it. */
  raise(error: FakeError, times: number): void
  /** The key that is accepted from now on. */
  setKey(key: string): void
  close(): Promise<void>
}

/** What an order line costs: ten percent off, and 6.25 % more off from five on. */
export const unitPriceOf = (listPrice: number, quantity: number): number =>
  quantity >= 5 ? listPrice * 0.9 * 0.9375 : listPrice * 0.9

/** Plays Odoo 19 as far as stock and prices are read, over `/jsonrpc` and `/json/2`. */
export async function startFakeOdoo(products: FakeProduct[]): Promise<FakeOdoo> {
  const calls: string[] = []
  let key = KEY
  let raised: { error: FakeError; times: number } | undefined

  const work = (model: string, method: string, named: Named): unknown => {
    calls.push(`${model}.${method}`)
    if (raised && raised.times-- > 0) throw raised.error
    return run(products, model, method, named)
  }

  const onJsonRpc = (body: RpcBody): unknown => {
    const { service, method, args } = body.params
    if (service === 'common' && method === 'authenticate') {
      calls.push('common.authenticate')
      return args[0] === DATABASE && args[1] === USER && args[2] === key ? UID : false
    }
    const [database, uid, secret, model, name, values, kwargs] = args as RpcArgs
    if (database !== DATABASE || uid !== UID || secret !== key) throw DENIED
    const names = PARAMETERS[`${model}.${name}`] ?? []
    const named = Object.fromEntries(values.map((value, i) => [names[i], value]))
    return work(model, name, { ...named, ...kwargs })
  }

  const onRequest = async (req: IncomingMessage, res: ServerResponse) => {
    const body = (await json(req)) as RpcBody & Named
    const path = req.url ?? ''
    const isRpc = path === '/jsonrpc'
    const send = (status: number, content: unknown) => {
      res.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
      res.end(JSON.stringify(content))
    }
    try {
      if (isRpc) return send(200, { jsonrpc: '2.0', id: body.id, result: onJsonRpc(body) })
      const isOurs = req.headers['x-odoo-database'] === DATABASE
      if (!isOurs || req.headers.authorization !== `bearer ${key}`) throw DENIED
      const [, , , model = '', method = ''] = path.split('/')
      send(200, work(model, method, body))
    } catch (error) {
      const { status, ...said } = error as FakeError
      const data = { ...said, arguments: [said.message], context: {}, debug: `Traceback ${key}` }
      if (!isRpc) return send(status, data)
      send(200, {
        jsonrpc: '2.0',
        id: body.id,
        error: { code: 0, message: 'Odoo Server Error', data },
      })
    }
  }

  const server = createServer((req, res) => {
    onRequest(req, res).catch(() => res.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    products,
    calls,
    raise: (error, times) => {
      raised = { error, times }
    },
    setKey: next => {
      key = next
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

type RpcBody = {
  id: number
  params: { service: string; method: string; args: readonly unknown[] }
}
type RpcArgs = [string, number, string, string, string, readonly unknown[], object]
type Named = Readonly<Record<string, unknown>>

/** The parameters that `/jsonrpc` gives by place. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  'product.product.search_read': ['domain'],
  'product.product.read': ['ids'],
  'sale.order.onchange': ['ids', 'values', 'field_names', 'fields_spec'],
}

function run(
  products: readonly FakeProduct[],
  model: string,
  method: string,
  named: Named,
): unknown {
  const context = named.context as Record<string, unknown>
  switch (`${model}.${method}`) {
    case 'product.product.search_read': {
      const [[field, , wanted]] = named.domain as [[string, string, unknown]]
      if (field === 'id') return []
      const codes = new Set(wanted as string[])
      return products
        .filter(product => codes.has(product.default_code))
        .map(({ id, default_code, barcode, uom_id }) => ({ id, default_code, barcode, uom_id }))
    }
    case 'product.product.read': {
      if (String(context.allowed_company_ids) !== String(COMPANY)) throw new Error('companies mix')
      const ids = new Set(named.ids as number[])
      const place = Number(context.warehouse_id ?? context.location)
      const [field] = named.fields as string[]
      return products
        .filter(({ id }) => ids.has(id))
        .map(({ id, stock }) => {
          const { quantity, reserved } = stock[place] ?? { quantity: 0, reserved: 0 }
          const figure = field === 'free_qty' ? quantity - reserved : quantity
          // Python writes 500.0 where JSON.stringify writes 500: to a reader the same number.
          return { id, [field ?? '']: figure }
        })
    }
    case 'sale.order.onchange':
      return onchange(products, named)
    default:
      throw { name: 'werkzeug.exceptions.NotFound', message: `${model}.${method}`, status: 404 }
  }
}

function onchange(products: readonly FakeProduct[], named: Named): unknown {
  const { order_line: lines } = named.values as {
    order_line: [number, string, { product_id: number; product_uom_qty: number }][]
  }
  // With names in it the lines are not told back.
  if ((named.field_names as unknown[]).length) return { value: {} }
  const priced = lines.map(([command, name, { product_id, product_uom_qty }]) => {
    const product = products.find(({ id }) => id === product_id)
    const price_unit = unitPriceOf(product?.lst_price ?? 0, product_uom_qty)
    const price_total = Math.round(price_unit * product_uom_qty * 100) / 100
    return [command, name, { product_id, product_uom_qty, price_unit, price_total }] as const
  })
  const amount_total = priced.reduce((sum, [, , line]) => sum + line.price_total, 0)
  return { value: { amount_total, order_line: priced } }
}
