import { locationOf } from '../catalogue/plants.ts'
import { toSku } from '../format/material-number.ts'
import type { ControlCall } from './control-call.ts'
import { checkParameters, pageOf } from './page.ts'

/** Every SKU at every location that lists it, with what lies there. */
export const catalogue: ControlCall = {
  method: 'GET',
  path: '/_control/catalogue',
  answer: ({ query }, { books }) => {
    checkParameters(query, ['limit', 'offset'])
    const page = pageOf([...books.allStock()], query)
    return {
      items: page.map(({ matnr, werks, quantity }) => ({
        sku: toSku(matnr),
        location: locationOf(werks),
        onHand: quantity / 1000,
      })),
    }
  },
}
