import { ErpRejection } from '../erp/erp-message.ts'
import { cancelOrder, invoiceOrder, type Stepped, shipOrder } from '../erp/order-steps.ts'
import { type ControlCall, ControlRefusal, checkMembers } from './control-call.ts'

/** What somebody at the ERP does to an order, by the verb or by what comes of it. */
const STEPS: Readonly<Record<string, typeof shipOrder>> = {
  ship: shipOrder,
  shipped: shipOrder,
  invoice: invoiceOrder,
  invoiced: invoiceOrder,
  cancel: cancelOrder,
  cancelled: cancelOrder,
}

/** Ships, invoices or cancels an order. */
export const setOrder: ControlCall = {
  method: 'POST',
  path: '/_control/order',
  answer: ({ body }, { books }) => {
    checkMembers(body, ['number', 'state'])
    const { number, state } = body
    const step = typeof state === 'string' && Object.hasOwn(STEPS, state) ? STEPS[state] : undefined
    if (!step) throw new ControlRefusal(400, 'state: must be shipped, invoiced or cancelled')
    if (typeof number !== 'string') throw new ControlRefusal(400, 'number: must be a text')
    const order = books.documents.find('order', number)
    if (!order) throw new ControlRefusal(404, `number: there is no order ${number}`)
    const { document, seq } = attempt(() => step(order, books))
    return { number, state: document.state, reference: document.reference, seq }
  },
}

function attempt(step: () => Stepped): Stepped {
  try {
    return step()
  } catch (error) {
    if (error instanceof ErpRejection) throw new ControlRefusal(409, error.message)
    throw error
  }
}
