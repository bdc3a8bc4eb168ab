import type { Books } from '../books/books.ts'
import { ErpRejection } from '../erp/erp-message.ts'
import {
  cancelOrder,
  invoiceOrder,
  type Shipment,
  type Stepped,
  shipOrder,
} from '../erp/order-steps.ts'
import { type ControlCall, ControlRefusal, checkMembers } from './control-call.ts'
import { materialNamed, plantNamed, quantityNamed } from './goods-fields.ts'

/** What somebody at the ERP does to an order, by the verb or by what comes of it. */
const STEPS: Readonly<Record<string, typeof shipOrder>> = {
  ship: shipOrder,
  shipped: shipOrder,
  invoice: invoiceOrder,
  invoiced: invoiceOrder,
  cancel: cancelOrder,
  cancelled: cancelOrder,
}

/** Ships, invoices or cancels an order; with `lines`, ships only so much. */
export const setOrder: ControlCall = {
  method: 'POST',
  path: '/_control/order',
  answer: ({ body }, { books }) => {
    checkMembers(body, ['number', 'state', 'lines'])
    const { number, state, lines } = body
    const step = typeof state === 'string' && Object.hasOwn(STEPS, state) ? STEPS[state] : undefined
    if (!step) throw new ControlRefusal(400, 'state: must be shipped, invoiced or cancelled')
    if (typeof number !== 'string') throw new ControlRefusal(400, 'number: must be a text')
    if (lines !== undefined && step !== shipOrder) {
      throw new ControlRefusal(400, 'lines: only what is shipped goes in parts')
    }
    const parts = lines === undefined ? undefined : partsOf(lines, books)
    const order = books.documents.find('order', number)
    if (!order) throw new ControlRefusal(404, `number: there is no order ${number}`)
    const { document, seq } = attempt(() => step(order, books, parts))
    return { number, state: document.state, reference: document.reference, seq }
  },
}

function partsOf(lines: unknown, books: Books): readonly Shipment[] {
  if (!Array.isArray(lines) || lines.length === 0 || lines.length > 500) {
    throw new ControlRefusal(400, 'lines: must be 1 to 500 of {sku, location, quantity}')
  }
  return lines.map(line => {
    const fields = (line ?? {}) as Readonly<Record<string, unknown>>
    const material = materialNamed(fields, books)
    const { matnr } = material
    return {
      matnr,
      werks: plantNamed(fields),
      quantity: quantityNamed(fields, 'quantity', material),
    }
  })
}

function attempt(step: () => Stepped): Stepped {
  try {
    return step()
  } catch (error) {
    if (error instanceof ErpRejection) throw new ControlRefusal(409, error.message)
    throw error
  }
}
