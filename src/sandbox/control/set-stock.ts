import { type ControlCall, checkMembers } from './control-call.ts'
import { materialNamed, plantNamed, quantityNamed } from './goods-fields.ts'

/** Changes stock as somebody at the ERP would after counting the shelf. */
export const setStock: ControlCall = {
  method: 'POST',
  path: '/_control/stock',
  answer: ({ body }, { books }) => {
    checkMembers(body, ['sku', 'location', 'onHand'])
    const { sku, location } = body
    const material = materialNamed(body, books)
    const { matnr } = material
    const werks = plantNamed(body)
    const quantity = quantityNamed(body, 'onHand', material)
    const seq = books.post({
      stock: [{ ...books.physicalStock(matnr, werks), matnr, werks, quantity }],
    })
    return { sku, location, onHand: quantity / 1000, seq }
  },
}
