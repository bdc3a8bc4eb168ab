import { plantOf } from '../catalogue/plants.ts'
import { toMatnr } from '../format/material-number.ts'
import { type ControlCall, ControlRefusal, checkMembers } from './control-call.ts'

/** Changes stock as somebody at the ERP would after counting the shelf. */
export const setStock: ControlCall = {
  method: 'POST',
  path: '/_control/stock',
  answer: ({ body }, { books }) => {
    checkMembers(body, ['sku', 'location', 'onHand'])
    const { sku, location } = body
    const material = typeof sku === 'string' ? books.material(toMatnr(sku)) : undefined
    if (!material) throw new ControlRefusal(400, `sku: there is no SKU ${JSON.stringify(sku)}`)
    const werks = typeof location === 'string' ? plantOf(location) : undefined
    if (werks === undefined) {
      throw new ControlRefusal(400, `location: there is no location ${JSON.stringify(location)}`)
    }
    const quantity = thousandths(body.onHand)
    if (quantity === undefined || (material.unit === 'ST' && quantity % 1000 !== 0)) {
      const grain = material.unit === 'ST' ? 'whole pieces' : 'at most three decimals'
      throw new ControlRefusal(400, `onHand: must be a number from 0 to 999999999, ${grain}`)
    }
    const { matnr } = material
    const seq = books.post({
      stock: [{ ...books.physicalStock(matnr, werks), matnr, werks, quantity }],
    })
    return { sku, location, onHand: quantity / 1000, seq }
  },
}

/** Of a number, or of its text with a decimal point; undefined when it is neither, or too fine. */
function thousandths(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined
  const match = /^(\d{1,9})(?:\.(\d{1,3}))?$/.exec(String(value))
  return match ? Number((match[1] ?? '') + (match[2] ?? '').padEnd(3, '0')) : undefined
}
